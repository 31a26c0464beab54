/** Longest JSON value that a client may send to `keeplocked`; real ones have 16 chars. */
const LONGEST = 1024;

/**
 * Hears the JSON objects of a `keeplocked` body as they come in, in pieces cut anywhere. The result of `hear` is true once
 * `{"unlock":true}` has been sent. What is no such object is passed over.
 */
export function createUnlockReader(): { hear(text: string): boolean } {
  let pending = '';
  return {
    hear(text) {
      pending += text;
      for (let end = pending.indexOf('}'); end !== -1; end = pending.indexOf('}')) {
        const value = pending.slice(0, end + 1);
        pending = pending.slice(end + 1);
        if (saysUnlock(value)) return true;
      }
      if (pending.length > LONGEST) pending = pending.slice(-LONGEST);
      return false;
    },
  };
}

function saysUnlock(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'unlock' in value && value.unlock === true;
  } catch {
    return false;
  }
}
