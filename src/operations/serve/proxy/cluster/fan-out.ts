import { AnnexError } from '../../../../domain/errors.js';
import type { ByteString } from '../../../../lib/bytes.js';
import type { Outcome } from '../../../../protocol/outcome.js';
import type { Reception } from '../../../../protocol/served-content.js';
import { createFeeder, type Feeder } from './feeder.js';
import { type Member, touchedNodes } from './member.js';
import { createRace } from '../../../../planning/race.js';

/** A node that is ready to receive a content. */
export interface Target {
  readonly member: Member;
  readonly reception: Reception;
}

export interface FanOutOptions {
  readonly targets: readonly Target[];
  readonly failed: (member: Member, error: unknown) => void;
  readonly patience: number;
  /** Called with the nodes that have the content now, before the client hears of it; gives what it is told. */
  readonly stored: (nodes: readonly ByteString[]) => Promise<Outcome>;
}

/**
 * One reception for many nodes: what comes is written to all at once, at the pace of the slowest that keeps up. One that fails,
 * is stuck or is much slower than the others gets no more, and the others go on; an error of all is that of the last one. It begins where the node begins that has
 * least; the others pass over what they have.
 */
export function fanOut({ targets, failed, patience, stored }: FanOutOptions): Reception {
  const offset = Math.min(...targets.map(({ reception }) => reception.offset));
  const race = createRace(patience, () => performance.now());
  let lastError: unknown;
  const living = () => feeders.filter(({ feeder }) => feeder.alive());
  const feeders = targets.map(({ member, reception }) => {
    const onFailure = (error: unknown) => {
      lastError = error;
      if (error instanceof AnnexError && error.code === 'transfer-stalled')
        member.load.laggedAt = performance.now();
      failed(member, error);
    };
    const canSpare = () => living().length > 1 && !member.waitedFor;
    const feeder: Feeder = createFeeder({ reception, onFailure, patience, canSpare, runner: race.join() });
    return { member, skip: reception.offset - offset, feeder };
  });
  const throwIfNobodyLeft = () => {
    if (living().length === 0) throw lastError;
  };
  const all = async (action: (feeder: Feeder) => Promise<void>) => {
    race.nextLap();
    await Promise.all(feeders.map(({ feeder }) => action(feeder)));
  };

  return {
    offset,
    async begin(length) {
      await Promise.all(feeders.map(({ feeder, skip }) => feeder.begin(length, skip)));
      throwIfNobodyLeft();
    },
    write(bytes) {
      race.nextLap();
      const busy = feeders.flatMap(({ feeder }) => feeder.push(bytes) ?? []);
      if (busy.length > 0) return Promise.all(busy).then(throwIfNobodyLeft);
      throwIfNobodyLeft();
      return undefined;
    },
    async finish(confirmed = true) {
      race.nextLap();
      const outcomes = await Promise.all(
        feeders.map(async ({ member, feeder }) => {
          const outcome = await feeder.finish(confirmed);
          if (outcome === undefined) return [];
          return outcome.success || member.gateway !== undefined ? touchedNodes(member, outcome.also) : [];
        }),
      );
      return stored(outcomes.flat());
    },
    discard: () => all((feeder) => feeder.discard()),
    leave: () => all((feeder) => feeder.leave()),
  };
}
