/** How many requests may be unanswered on a connection to one server, as experience teaches. */
export interface RequestWindow {
  /** 1: the next request waits for the answer to the one before. */
  readonly size: number;
  /** A request was answered as it should. */
  answered(): void;
  /** A connection broke, or its answers made no sense, after that many of the requests written ahead were answered on it. */
  broke(answeredAhead: number): void;
}

export interface WindowLimits {
  readonly start: number;
  readonly most: number;
}

/** So many answers to requests written ahead show that the server can cope with it: then the network was to blame. */
const PROOF = 16;
/** Answers one at a time before it is tried again to write ahead. */
const PAUSE = 32;
/** Connections lost early while writing ahead, after which it is left for good. */
const CHANCES = 2;

/**
 * Doubles each time a whole window was answered. After a break it asks one at a time for a while, and for good with a server
 * on which writing ahead never works.
 */
export function createRequestWindow({ start, most }: WindowLimits): RequestWindow {
  let size = start;
  let sinceChange = 0;
  let chances = CHANCES;
  return {
    get size() {
      return size;
    },
    answered() {
      sinceChange++;
      if (size === 1) {
        if (start === 1 || chances === 0 || sinceChange < PAUSE) return;
        size = start;
      } else {
        if (sinceChange < size || size >= most) return;
        size = Math.min(most, size * 2);
      }
      sinceChange = 0;
    },
    broke(answeredAhead) {
      if (size > 1 && answeredAhead < PROOF) chances--;
      size = 1;
      sinceChange = 0;
    },
  };
}
