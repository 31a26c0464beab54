import type { SharedCheck, StreamCheck } from './served-content.js';

/**
 * One check for several receptions of the same content, each of which sees the same bytes from the start: whoever is ahead
 * has them hashed, and those who follow pass over them. One that saw less than the others has no match.
 */
export function createSharedCheck(): SharedCheck {
  let check: StreamCheck | undefined;
  let hashed = 0;
  let verdict: { readonly matching: boolean | undefined } | undefined;
  return (make) => {
    check ??= make();
    const common = check;
    let seen = 0;
    return {
      update(bytes) {
        const known = Math.min(bytes.length, hashed - seen);
        seen += bytes.length;
        if (known === bytes.length) return;
        common.update(known === 0 ? bytes : bytes.subarray(known));
        hashed = seen;
      },
      matches() {
        if (seen !== hashed) return false;
        verdict ??= { matching: common.matches() };
        return verdict.matching;
      },
    };
  };
}
