/** Work that was not done in time. */
export class NoAnswer extends Error {
  constructor(milliseconds: number) {
    super(`it did not answer within ${milliseconds / 1000} seconds`);
    this.name = 'NoAnswer';
  }
}

/** Milliseconds at most that work has to end in order after it was told to stop. */
const GRACE = 2000;

/**
 * Does work that may never end: it is told to stop by its signal after the time given, or when `outer` is aborted, and not
 * waited for any longer soon after. Throws `NoAnswer`, or the reason of `outer`.
 */
export async function answerWithin<T>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let givenUp: unknown;
  let onAbort = (): void => undefined;
  const end = new Promise<never>((_, reject) => {
    const giveUp = (reason: unknown) => {
      if (stop.signal.aborted) return;
      givenUp = reason;
      stop.abort(reason);
      clearTimeout(timer);
      timer = setTimeout(() => reject(reason), Math.min(GRACE, milliseconds));
    };
    timer = setTimeout(() => giveUp(new NoAnswer(milliseconds)), milliseconds);
    onAbort = () => giveUp(outer?.reason);
    outer?.addEventListener('abort', onAbort);
    if (outer?.aborted) onAbort();
  });
  try {
    return await Promise.race([work(stop.signal), end]);
  } catch (error) {
    // Work that was told to stop complains about that; why it was told is what counts.
    throw givenUp ?? error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAbort);
    end.catch(() => undefined);
  }
}
