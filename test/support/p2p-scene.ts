import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { formatKey, type Key } from '../../src/domain/key.js';
import type { Uuid } from '../../src/domain/uuid.js';
import { toPath } from '../../src/lib/buffers.js';
import { ascii, type ByteString } from '../../src/lib/bytes.js';
import { streamOf } from '../../src/lib/in-batches.js';
import { openRepository } from '../../src/operations/open-repository.js';
import { takeAway } from '../../src/operations/testremote/local-side.js';
import type { OpenChannel } from '../../src/remotes/p2p/channel.js';
import { createP2pRemote, type P2pRemoteOptions } from '../../src/remotes/p2p/p2p-remote.js';
import type { Remote, TransferResult } from '../../src/remotes/remote.js';
import type { Repository } from '../../src/repository/repository.js';
import { createSandbox } from './annex-repository.js';
import { memoryChannels, type OtherEnd, serverOf } from './p2p-channels.js';

/** A content, and the key it stands for. */
export interface Sample {
  readonly key: Key;
  readonly bytes: Buffer;
}

export function sample(text: string): Sample {
  const bytes = Buffer.from(text);
  const name = ascii(createHash('sha256').update(bytes).digest('hex'));
  return { key: formatKey({ backend: ascii('SHA256'), size: bytes.length, name }), bytes };
}

/** Two repositories, one of which is served in memory. Nothing is flushed to disk, so that thousands of runs are quick. */
export interface P2pScene {
  readonly here: Repository;
  readonly served: Repository;
  remote(openChannel: OpenChannel, options?: Partial<P2pRemoteOptions>): Remote;
  put(repository: Repository, samples: readonly Sample[]): Promise<void>;
  takeAway(repository: Repository, samples: readonly Sample[]): Promise<void>;
  close(): Promise<void>;
}

export async function createP2pScene(): Promise<P2pScene> {
  // In memory, where that can be had.
  const sandbox = createSandbox(existsSync('/dev/shm') ? '/dev/shm' : undefined);
  const [here, served] = await Promise.all(
    ['here', 'served'].map(async (name) =>
      unflushed(await openRepository(sandbox.annex(name) as ByteString)),
    ),
  );
  if (here === undefined || served === undefined) throw new Error('no repositories');
  const { uuid } = served;
  return {
    here,
    served,
    remote: (openChannel, options) =>
      createP2pRemote({
        identity: { name: ascii('served'), uuid, cost: 200, readonly: false },
        here,
        openChannel,
        verify: true,
        ...options,
      }),
    async put({ objects }, samples) {
      for (const { key, bytes } of samples) {
        if (objects.locate(key) !== undefined) continue;
        writeFileSync(toPath(objects.tmpPath(key)), bytes);
        await objects.admit(key, objects.tmpPath(key));
        objects.recorded([key]);
      }
    },
    async takeAway(repository, samples) {
      for (const { key, bytes } of samples)
        await takeAway(repository, { key, size: bytes.length, original: '' as ByteString });
    },
    async close() {
      await here.close();
      await served.close();
      sandbox.remove();
    },
  };
}

function unflushed(repository: Repository): Repository {
  return { ...repository, objects: { ...repository.objects, barrier: async () => undefined } };
}

/** What a repository has for a key: right or wrong content, or none. */
export function stateOf({ objects }: Repository, { key, bytes }: Sample): 'right' | 'wrong' | 'absent' {
  const path = objects.locate(key);
  if (path === undefined) return 'absent';
  return readFileSync(toPath(path)).equals(bytes) ? 'right' : 'wrong';
}

/** Drops what an attempt left in the partial file. */
export function forgetPartial({ objects }: Repository, { key }: Sample): void {
  rmSync(toPath(objects.tmpPath(key)), { force: true });
}

const neverAborted = new AbortController().signal;

/** Moves all contents; gives how each ended, or why the remote as a whole could not be used. */
export async function moveAll(
  remote: Remote,
  way: 'retrieve' | 'store',
  samples: readonly Sample[],
): Promise<{ readonly results: Map<Key, TransferResult>; readonly thrown: unknown }> {
  const results = new Map<Key, TransferResult>();
  const requests = samples.map(({ key }) => ({ key, file: ascii('f') }));
  try {
    for await (const result of remote[way](streamOf(requests), { signal: neverAborted }))
      results.set(result.request.key, result);
  } catch (error) {
    return { results, thrown: error };
  }
  return { results, thrown: undefined };
}

/** Where a connection is cut, in bytes of each direction. */
export interface Cut {
  readonly fromServer?: number;
  readonly toServer?: number;
}

/** Our server in memory; the nth connection is cut as `cuts` says of it. `count` tells how many bytes went by. */
export function cutChannels(
  served: Repository,
  client: Uuid,
  cuts: (connection: number) => Cut,
  count: { fromServer: number; toServer: number } = { fromServer: 0, toServer: 0 },
): OpenChannel {
  const serve = serverOf(served, client);
  let connections = 0;
  let before = Promise.resolve();
  const open = memoryChannels((end: OtherEnd) => {
    before = serveCut(serve, end, cuts(connections++), count).catch(() => undefined);
    return before;
  });
  return async () => {
    // A server that still is at the same content would refuse it.
    await before;
    return open();
  };
}

async function serveCut(
  serve: (end: OtherEnd) => Promise<void>,
  { input, output }: OtherEnd,
  cut: Cut,
  count: { fromServer: number; toServer: number },
): Promise<void> {
  const toServer = limited(cut.toServer, (bytes) => {
    count.toServer += bytes;
  });
  const fromServer = limited(cut.fromServer, (bytes) => {
    count.fromServer += bytes;
  });
  let isCut = false;
  const end = (): void => {
    isCut = true;
    input.unpipe().resume();
    toServer.end();
    fromServer.unpipe().resume();
    output.end();
  };
  input.pipe(toServer);
  fromServer.pipe(output);
  for (const stream of [input, output]) stream.on('close', end);
  for (const stream of [toServer, fromServer]) stream.on('full', end);
  await serve({ input: toServer, output: fromServer }).finally(() => fromServer.end());
  if (!isCut) await finished(fromServer, { writable: false });
}

/** Lets so many bytes pass; then emits `full` and swallows the rest. */
function limited(bytes: number | undefined, note: (bytes: number) => void): Transform {
  let left = bytes ?? Number.POSITIVE_INFINITY;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const passing = chunk.subarray(0, left);
      left -= passing.length;
      note(passing.length);
      done(null, passing.length > 0 ? passing : undefined);
      if (passing.length < chunk.length || left === 0) this.emit('full');
    },
  });
}
