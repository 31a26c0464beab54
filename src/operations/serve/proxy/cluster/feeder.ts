import { AnnexError } from '../../../../domain/errors.js';
import { settledWithin } from '../../../../lib/settled-within.js';
import type { Outcome } from '../../../../protocol/outcome.js';
import type { Reception } from '../../../../protocol/served-content.js';

/** Bytes that wait for a node before the client is made to wait. */
const AHEAD = 4 << 20;

export interface FeederOptions {
  readonly reception: Reception;
  /** Called once, when the node gets no more. */
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds without progress after which a node counts as stuck. */
  readonly patience: number;
  /** Whether others get the content too, so that a stuck one can be given up. */
  readonly canSpare: () => boolean;
}

/** Brings one node its part of a content. Nothing here throws; `alive` tells whether it still gets the content. */
export interface Feeder {
  alive(): boolean;
  begin(length: number, skip: number): Promise<void>;
  /** Undefined: more can come at once. */
  push(bytes: Uint8Array): Promise<void> | undefined;
  /** Undefined: it has failed before or now. */
  finish(confirmed: boolean): Promise<Outcome | undefined>;
  discard(): Promise<void>;
  leave(): Promise<void>;
}

export function createFeeder({ reception, onFailure, patience, canSpare }: FeederOptions): Feeder {
  const queue: Uint8Array[] = [];
  let waiting = 0;
  let skip = 0;
  let alive = true;
  let draining = false;
  let progress = 0;
  let wake = () => {};

  function fail(error: unknown): void {
    if (!alive) return;
    alive = false;
    queue.length = 0;
    onFailure(error);
    // One that is stuck is not waited for.
    reception.leave().catch(() => undefined);
  }
  async function attempt(action: () => Promise<void> | undefined): Promise<void> {
    try {
      await action();
      progress++;
    } catch (error) {
      fail(error);
    }
  }
  async function drain(): Promise<void> {
    for (let bytes = queue.shift(); bytes !== undefined; bytes = queue.shift()) {
      const piece = bytes;
      await attempt(() => reception.write(piece));
      waiting -= piece.length;
      wake();
    }
    draining = false;
  }
  /** Waits until so few bytes wait, or the node is given up. */
  async function caughtUp(bytes: number): Promise<void> {
    while (alive && waiting > bytes) {
      const before = progress;
      const change = new Promise<void>((resolve) => (wake = resolve));
      await settledWithin(change, patience);
      if (alive && progress === before && canSpare())
        fail(new AnnexError('transfer-stalled', 'it took no more content'));
    }
  }

  return {
    alive: () => alive,
    async begin(length, skipped) {
      skip = skipped;
      if (length < skipped) fail(new AnnexError('protocol', 'it has more than the content is long'));
      else if (alive) await attempt(() => reception.begin?.(length - skipped));
    },
    push(bytes) {
      const fresh = skip === 0 ? bytes : bytes.subarray(Math.min(skip, bytes.length));
      skip -= bytes.length - fresh.length;
      if (!alive || fresh.length === 0) return undefined;
      queue.push(fresh);
      waiting += fresh.length;
      if (!draining) {
        draining = true;
        void drain();
      }
      return waiting > AHEAD ? caughtUp(AHEAD) : undefined;
    },
    async finish(confirmed) {
      await caughtUp(0);
      if (!alive) return undefined;
      try {
        return await reception.finish(confirmed);
      } catch (error) {
        alive = false;
        onFailure(error);
        return undefined;
      }
    },
    async discard() {
      await caughtUp(0);
      if (alive) await reception.discard();
      alive = false;
    },
    async leave() {
      await caughtUp(0);
      if (alive) await reception.leave();
      alive = false;
    },
  };
}
