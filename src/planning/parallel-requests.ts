/** How many requests a server is asked at the same time, as experience teaches. */
export interface ParallelRequests {
  readonly size: number;
  /** A request begins for a content of so many bytes; undefined: not known. */
  began(bytes: number | undefined): void;
  /** It was answered as it should. */
  answered(): void;
  /** The server was overburdened, or the connection was lost. */
  failed(): void;
}

export interface ParallelLimits {
  readonly start: number;
  readonly most: number;
}

/** Bytes above which a content's time goes into its bytes: more of them at once take more memory, and nothing is won. */
const LARGE = 1 << 20;

/** Doubles each time as many small requests were answered, is at most `start` for large ones, and halves after a failure. */
export function createParallelRequests({ start, most }: ParallelLimits): ParallelRequests {
  let size = start;
  let inRow = 0;
  return {
    get size() {
      return size;
    },
    began(bytes) {
      if (bytes !== undefined && bytes <= LARGE) return;
      size = Math.min(size, start);
      inRow = 0;
    },
    answered() {
      if (++inRow < size) return;
      size = Math.min(most, size * 2);
      inRow = 0;
    },
    failed() {
      size = Math.max(1, size >> 1);
      inRow = 0;
    },
  };
}
