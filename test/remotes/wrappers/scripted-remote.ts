import { AnnexError } from '../../../src/domain/errors.js';
import { type Key, parseKey } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii } from '../../../src/lib/bytes.js';
import type {
  Remote,
  TransferContext,
  TransferRequest,
  TransferResult,
} from '../../../src/remotes/remote.js';
import { createUnreachableRemote } from '../../../src/remotes/unreachable-remote.js';
import type { Clock } from '../../../src/remotes/wrappers/clock.js';

/** What happens with one attempt at a key: pieces of bytes, waits in milliseconds, and an end. */
export type Step =
  | { readonly bytes: number }
  | { readonly wait: number }
  | { readonly resume: number }
  | { readonly fail: AnnexError }
  | { readonly hang: true };

export const key = (name: string, size = 1000): Key => parseKey(`WORM-s${size}--${name}`) as Key;

/** A remote whose transfers go as written; `attempts` counts them by key. */
export function createScriptedRemote(
  clock: Clock,
  script: (name: string, attempt: number) => readonly Step[],
): Remote & { readonly attempts: string[] } {
  const attempts: string[] = [];

  async function one<R extends TransferRequest>(
    request: R,
    context: TransferContext<R>,
  ): Promise<TransferResult<R>> {
    const name = request.key.slice(request.key.indexOf('--') + 2);
    attempts.push(name);
    context.onStart?.(request);
    let done = 0;
    for (const step of script(name, attempts.filter((one) => one === name).length)) {
      if ('wait' in step) await clock.sleep(step.wait, context.signal);
      else if ('hang' in step)
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      else if ('fail' in step) return { request, ok: false, error: step.fail };
      else if ('resume' in step) {
        done = step.resume;
        context.onResume?.(request, done);
      } else {
        done += step.bytes;
        await context.onProgress?.(request, done);
      }
      if (context.signal.aborted) {
        const { reason } = context.signal;
        return { request, ok: false, error: reason instanceof AnnexError ? reason : lost() };
      }
    }
    return { request, ok: true, moved: true };
  }
  async function* all<R extends TransferRequest>(requests: AsyncIterable<R>, context: TransferContext<R>) {
    for await (const request of requests) {
      yield await one(request, context);
      context.signal.throwIfAborted();
    }
  }
  const identity = { name: ascii('slow'), uuid: 'slow-uuid' as Uuid, cost: 100, readonly: false };
  return { ...createUnreachableRemote(identity, lost()), retrieve: all, store: all, attempts };
}

export function lost(): AnnexError {
  return new AnnexError('connection-lost', 'the connection was lost');
}

interface Transfers extends Pick<TransferContext, 'elsewhere'> {
  readonly signal?: AbortSignal;
  readonly size?: number;
  readonly way?: 'retrieve' | 'store';
  /** Filled as they end. */
  readonly outcomes?: string[];
}

/** Runs transfers of the given names to their end; gives `name: ok` or `name: error code`, in order. */
export async function transferAll(
  remote: Remote,
  names: readonly string[],
  {
    signal = new AbortController().signal,
    size = 1000,
    outcomes = [],
    elsewhere,
    way = 'retrieve',
  }: Transfers = {},
): Promise<string[]> {
  const requests = async function* () {
    for (const name of names) yield { key: key(name, size), file: undefined };
  };
  const context = { signal, ...(elsewhere && { elsewhere }) };
  for await (const result of remote[way](requests(), context)) {
    const name = result.request.key.split('--')[1];
    outcomes.push(`${name}: ${result.ok ? 'ok' : result.error.code}`);
  }
  return outcomes;
}
