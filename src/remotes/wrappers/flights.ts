import { AnnexError } from '../../domain/errors.js';
import { keySize } from '../../domain/key.js';
import type { Rate, StallRule } from '../../domain/rate.js';
import { toText } from '../../lib/bytes.js';
import { createStallWatch, type StallWatch } from '../../planning/stall-watch.js';
import type { Steering } from '../../repository/transfers/steering.js';
import type { Remote, TransferContext, TransferRequest } from '../remote.js';
import type { Clock } from './clock.js';

/** Why a remote is interrupted. */
export interface Verdict<R> {
  /** What fails by it; undefined: nothing, all is asked for again. */
  readonly request?: R;
  readonly error: AnnexError;
}

/** The requests that a remote has been given and has not answered. */
export interface Flights<R extends TransferRequest> {
  add(request: R): void;
  remove(request: R): void;
  has(request: R): boolean;
  all(): Iterable<R>;
  /** Observes progress, besides whoever else does. Nobody is waited for any longer once the signal is aborted. */
  observe(
    context: TransferContext<R>,
    signal: AbortSignal,
  ): Pick<TransferContext<R>, 'onStart' | 'onResume' | 'onProgress'>;
  /** Finds a reason to interrupt the remote. */
  look(): Verdict<R> | undefined;
}

interface Flight {
  /** Milliseconds since 1970; undefined: its turn has not come. */
  began: number | undefined;
  watch: StallWatch | undefined;
  /** Waits of our own, for bandwidth. */
  held: number;
  done: number;
}

/** When nothing at all moves for that long, the user is told of a setting that would help. */
const SUSPICIOUS: Rate = { bytes: 1, seconds: 120 };

export function createFlights<R extends TransferRequest>(
  remote: Remote,
  watching: {
    readonly rule: StallRule;
    readonly steering: Pick<Steering, 'paused' | 'pausedKey' | 'cancelled'>;
    readonly clock: Clock;
    readonly tell: (text: string) => void;
  },
): Flights<R> {
  const { rule, steering, clock, tell } = watching;
  const least = rule === 'off' ? undefined : rule === 'hint' ? SUSPICIOUS : rule;
  const flights = new Map<R, Flight>();
  let hinted = false;

  function verdictOn(request: R, flight: Flight): Verdict<R> | undefined {
    const { key } = request;
    if (flight.began === undefined) return undefined;
    if (steering.cancelled(key, flight.began)) {
      return { request, error: new AnnexError('transfer-cancelled', 'the transfer was cancelled') };
    }
    if (steering.pausedKey(key))
      return { error: new AnnexError('transfer-paused', 'the transfer is paused') };
    // All was sent: the other side is checking it, or putting it in place.
    if (flight.held > 0 || flight.done >= (keySize(key) ?? Number.POSITIVE_INFINITY)) return undefined;
    if (!flight.watch?.stalled(clock.now())) return undefined;
    if (rule !== 'hint') {
      return {
        request,
        error: new AnnexError('transfer-stalled', 'the transfer has stalled, so it was aborted'),
      };
    }
    if (!hinted) tell(hint(toText(remote.name)));
    hinted = true;
    return undefined;
  }
  return {
    add: (request) => void flights.set(request, { began: undefined, watch: undefined, held: 0, done: 0 }),
    remove: (request) => void flights.delete(request),
    has: (request) => flights.has(request),
    all: () => flights.keys(),
    observe: (context, signal) => ({
      onStart(request) {
        const flight = flights.get(request);
        if (flight !== undefined) {
          flight.began = Date.now();
          flight.watch = least && createStallWatch(least, clock.now());
        }
        context.onStart?.(request);
      },
      onResume(request, bytes) {
        flights.get(request)?.watch?.moved(bytes, clock.now());
        context.onResume?.(request, bytes);
      },
      onProgress(request, bytes) {
        const flight = flights.get(request);
        if (flight !== undefined) flight.done = bytes;
        flight?.watch?.moved(bytes, clock.now());
        const told = context.onProgress?.(request, bytes);
        if (told === undefined || flight === undefined) return told;
        flight.held++;
        return untilAborted(told, signal).finally(() => {
          flight.held--;
          flight.watch?.restart(clock.now());
        });
      },
    }),
    look() {
      if (flights.size > 0 && steering.paused(remote.uuid)) {
        return { error: new AnnexError('transfer-paused', 'the transfer is paused') };
      }
      for (const [request, flight] of flights) {
        const verdict = verdictOn(request, flight);
        if (verdict !== undefined) return verdict;
      }
      return undefined;
    },
  };
}

function untilAborted(told: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', end);
    told.then(end, (error: unknown) => {
      reject(error);
      end();
    });
  });
}

function hint(name: string): string {
  return `A transfer with ${name} seems to have stalled. To have such transfers aborted, and tried elsewhere, set remote.${name}.annex-stalldetection.`;
}
