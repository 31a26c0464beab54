import { AnnexError } from '../../../domain/errors.js';
import type { Wire } from '../../../protocol/wire.js';
import type { Channel, OpenChannel } from '../../../remotes/p2p/channel.js';
import { createAnswerTimes } from './answer-time.js';
import { inTime } from './in-time.js';

/** How many times longer than for an answer is waited while what was sent is not taken. */
const STUCK = 10;

/** How many times longer than for an answer a connection may take to come about: ssh has a limit of its own. */
const CONNECTING = 2;

export interface TimelyOptions {
  /** Milliseconds that an answer may take, before which the other side has nothing to read. */
  readonly patience: number;
  /** Told of a connection that was given up. */
  readonly onSilence: (error: AnnexError) => void;
}

/** The same connections, but one on which nothing moves any more is closed, and what waits for it fails. */
export function timelyChannels(open: OpenChannel, options: TimelyOptions): OpenChannel {
  const { patience, onSilence } = options;
  return async () => {
    const channel = await inTime(open(), patience * CONNECTING, (late) => late.close());
    const giveUp = (): AnnexError => {
      const error = new AnnexError(
        'remote-unavailable',
        'the repository behind this gateway does not answer',
      );
      channel.close();
      onSilence(error);
      return error;
    };
    return { ...channel, wire: timelyWire(channel, patience, giveUp) };
  };
}

function timelyWire({ wire }: Channel, patience: number, giveUp: () => AnnexError): Wire {
  const times = createAnswerTimes(patience);
  const deadline = createDeadlines(giveUp);
  const taken = patience * STUCK;
  return {
    line: () => deadline(wire.line(), times.next()),
    async *data(length) {
      const pieces = wire.data(length)[Symbol.asyncIterator]();
      for (;;) {
        const next = await deadline(pieces.next(), patience);
        if (next.done) return;
        yield next.value;
      }
    },
    send(message) {
      times.said(message);
      return deadline(wire.send(message), taken);
    },
    sendData: (bytes, recycle) => deadline(wire.sendData(bytes, recycle), taken),
  };
}

interface Waiting {
  readonly until: number;
  reject(error: unknown): void;
}

/** Promises that fail when they are not settled in time. One timer sees to all of them, since each is short. */
function createDeadlines(
  giveUp: () => AnnexError,
): <T>(promise: Promise<T>, milliseconds: number) => Promise<T> {
  const all = new Set<Waiting>();
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;

  function look(): void {
    const now = performance.now();
    timer = undefined;
    due = Number.POSITIVE_INFINITY;
    if ([...all].some(({ until }) => until <= now)) {
      const error = giveUp();
      for (const { reject } of all) reject(error);
      all.clear();
    }
    for (const { until } of all) arm(until, now);
  }
  /** A timer that is not needed any more is left: the next wait mostly follows at once. */
  function arm(until: number, now: number): void {
    if (until >= due) return;
    clearTimeout(timer);
    due = until;
    timer = setTimeout(look, until - now + 1).unref();
  }
  return (promise, milliseconds) =>
    new Promise((resolve, reject) => {
      const now = performance.now();
      const waiting = { until: now + milliseconds, reject };
      all.add(waiting);
      arm(waiting.until, now);
      const settled = () => all.delete(waiting);
      promise.then(
        (value) => {
          settled();
          resolve(value);
        },
        (error: unknown) => {
          settled();
          reject(error);
        },
      );
    });
}
