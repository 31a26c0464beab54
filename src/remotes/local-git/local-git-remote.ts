import { AnnexError } from '../../domain/errors.js';
import { keySize } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { inBatches } from '../../lib/in-batches.js';
import { createTransferJournal } from '../exchange/transfer-journal.js';
import { recordLocations } from '../record-locations.js';
import type { Repository } from '../../repository/repository.js';
import type {
  Remote,
  RemoteContentLock,
  TransferContext,
  TransferRequest,
  TransferResult,
} from '../remote.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import { removeContents } from './remove-contents.js';
import { asAnnexError } from './system-errors.js';
import { transferOne } from './transfer-one.js';

export interface LocalGitOptions {
  readonly identity: RemoteIdentity;
  /** Absolute. */
  readonly path: ByteString;
  readonly here: Repository;
  /** Whether content from there is checked (`annex-verify`). */
  readonly verify: boolean;
  /** Opens the repository at a path, initialising it first where git-annex would. */
  readonly openRepository: (path: ByteString) => Promise<Repository>;
}

/** Contents that share one barrier and one change of the location logs. */
const SHARED_BARRIER = { items: 2048, weight: 64 << 20, linger: 5 };

/** A repository on a path of this machine, worked on in this process. It is opened when it is first needed. */
export function createLocalGitRemote(options: LocalGitOptions): Remote {
  const { identity, here } = options;
  let opening: Promise<Repository> | undefined;
  const other = (): Promise<Repository> => (opening ??= openOther(options));

  async function* transferAll<R extends TransferRequest>(
    requests: AsyncIterable<R>,
    context: TransferContext<R>,
    direction: 'retrieve' | 'store',
  ): AsyncGenerator<TransferResult<R>> {
    const there = await other();
    const [from, to] = direction === 'retrieve' ? [there, here] : [here, there];
    const verify = options.verify || direction === 'store';
    const weigh = ({ key }: R) => keySize(key) ?? 0;
    const journal = createTransferJournal(here, there.uuid, direction);
    for await (const batch of inBatches(requests, { ...SHARED_BARRIER, weigh })) {
      const results: TransferResult<R>[] = [];
      for (const request of batch) {
        if (context.signal.aborted) break;
        context.onStart?.(request);
        const result = await attempt(request, from, to, here, verify, context);
        journal(result);
        results.push(result);
      }
      const moved = results.flatMap((result) => (result.ok && result.moved ? [result.request.key] : []));
      if (moved.length > 0) await to.objects.barrier();
      if (direction === 'store') await recordLocations(to, moved, to.uuid, 'present');
      // What arrived before an interruption is told, so that it is recorded.
      yield* results;
      context.signal.throwIfAborted();
    }
  }

  return {
    ...identity,
    retrieve: (requests, context) => transferAll(requests, context, 'retrieve'),
    store: (requests, context) => transferAll(requests, context, 'store'),

    async *examine(requests, context) {
      const there = await other();
      for await (const request of requests) {
        context.signal.throwIfAborted();
        const file = there.objects.locate(request.key);
        if (file !== undefined) yield { request, file, error: undefined };
        else
          yield {
            request,
            file,
            error: new AnnexError('content-missing', 'content is not present in remote'),
          };
      }
    },

    async *remove(requests, context) {
      const there = await other();
      for await (const batch of inBatches(requests, SHARED_BARRIER)) {
        context.signal.throwIfAborted();
        yield* await removeContents(there, batch, context.onRemoving);
      }
    },

    async *presence(keys, context) {
      const there = await other();
      for await (const key of keys) {
        context.signal.throwIfAborted();
        yield { key, presence: there.objects.locate(key) === undefined ? 'absent' : 'present' };
      }
    },

    async lockContent(key): Promise<RemoteContentLock | AnnexError | undefined> {
      try {
        const lock = (await other()).objects.lockShared(key);
        if (lock === undefined) return undefined;
        return { uuid: identity.uuid, expires: undefined, release: async () => lock.release() };
      } catch (error) {
        return asAnnexError(error, 'remote-unavailable');
      }
    },

    async close() {
      if (opening === undefined) return;
      const repository = await opening.catch(() => undefined);
      opening = undefined;
      await repository?.close();
    },
  };
}

async function attempt<R extends TransferRequest>(
  request: R,
  from: Repository,
  to: Repository,
  here: Repository,
  verify: boolean,
  context: TransferContext<R>,
): Promise<TransferResult<R>> {
  const { key, file } = request;
  // A caller that gets contents has looked already; where somebody else was quicker, the copy is discarded.
  if (to !== here && to.objects.locate(key) !== undefined) return { request, ok: true, moved: false };
  const onBytes = (bytes: number) => context.onProgress?.(request, bytes);
  const onResume = (bytes: number) => context.onResume?.(request, bytes);
  const ignoreReserve = context.ignoreReserve === true;
  try {
    const { signal } = context;
    await transferOne({ from, to, key, file, verify, ignoreReserve, onBytes, onResume, signal });
    return { request, ok: true, moved: true };
  } catch (error) {
    return { request, ok: false, error: asAnnexError(error, 'internal') };
  }
}

async function openOther({ identity, path, openRepository }: LocalGitOptions): Promise<Repository> {
  let repository: Repository;
  try {
    repository = await openRepository(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AnnexError('remote-unavailable', 'cannot access remote', {
      hint: `${toText(path)}: ${why}`,
      cause: error,
    });
  }
  if (repository.uuid !== identity.uuid) {
    const found = repository.uuid;
    await repository.close();
    throw new AnnexError(
      'remote-uuid-mismatch',
      `${toText(path)} now holds repository ${found}, not ${identity.uuid} as expected of remote ${toText(identity.name)}`,
      { hint: 'If that is right, run the command again; else mount the right drive.' },
    );
  }
  return repository;
}
