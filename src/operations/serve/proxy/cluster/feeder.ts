import { AnnexError } from '../../../../domain/errors.js';
import { settledWithin } from '../../../../lib/settled-within.js';
import type { Outcome } from '../../../../protocol/outcome.js';
import type { Reception } from '../../../../protocol/served-content.js';
import type { Runner } from '../../../../planning/race.js';

/** Bytes that wait for a node before the client is made to wait. */
const AHEAD = 4 << 20;

/** Milliseconds between two looks at how slow it is, at least. */
const OFTEN = 10;

const TOO_SLOW =
  'it takes content much more slowly than the others, which do not wait for it; updatecluster --fill brings it later';

export interface FeederOptions {
  readonly reception: Reception;
  /** Called once, when the node gets no more. */
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds without progress after which a node counts as stuck. */
  readonly patience: number;
  /** Whether others get the content too, so that a stuck one, or one much slower than they are, can be given up. */
  readonly canSpare: () => boolean;
  readonly runner: Runner;
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

export function createFeeder({ reception, onFailure, patience, canSpare, runner }: FeederOptions): Feeder {
  const queue: Uint8Array[] = [];
  let waiting = 0;
  let skip = 0;
  let alive = true;
  let draining = false;
  let lastProgress = 0;
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
      lastProgress = performance.now();
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
    const start = performance.now();
    runner.start(bytes === 0);
    while (alive && waiting > bytes) {
      const change = new Promise<void>((resolve) => (wake = resolve));
      await settledWithin(change, canSpare() ? Math.min(patience, runner.grace() + OFTEN) : patience);
      if (!alive || waiting <= bytes || !canSpare()) continue;
      if (performance.now() - Math.max(start, lastProgress) >= patience)
        fail(new AnnexError('transfer-stalled', 'it took no more content'));
      else if (runner.grace() === 0) fail(new AnnexError('transfer-stalled', TOO_SLOW));
    }
  }

  function arrived(): void {
    if (alive) runner.arrived();
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
      if (alive && fresh.length > 0) {
        queue.push(fresh);
        waiting += fresh.length;
        if (!draining) {
          draining = true;
          void drain();
        }
        if (waiting > AHEAD) return caughtUp(AHEAD).then(arrived);
      }
      arrived();
      return undefined;
    },
    async finish(confirmed) {
      await caughtUp(0);
      if (!alive) return undefined;
      try {
        const outcome = await reception.finish(confirmed);
        arrived();
        return outcome;
      } catch (error) {
        alive = false;
        onFailure(error);
        return undefined;
      }
    },
    async discard() {
      await caughtUp(0);
      arrived();
      if (alive) await reception.discard();
      alive = false;
    },
    async leave() {
      await caughtUp(0);
      arrived();
      if (alive) await reception.leave();
      alive = false;
    },
  };
}
