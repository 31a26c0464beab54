import { chmodSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SafeDropProof } from '../../src/domain/drop-proof.js';
import type { Key } from '../../src/domain/key.js';
import { toPath } from '../../src/lib/buffers.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { proveDrop } from '../../src/planning/prove-drop.js';
import type { Remote, TransferContext, TransferRequest, TransferResult } from '../../src/remotes/remote.js';
import type { Repository } from '../../src/repository/repository.js';

/** What a broken remote is made of: a real one, and the two repositories. */
export interface Ingredients {
  readonly remote: Remote;
  readonly here: Pick<Repository, 'objects' | 'uuid'>;
  readonly there: Pick<Repository, 'objects'>;
}

export type Breakage = (ingredients: Ingredients) => Partial<Remote>;

/** Every way of being broken, by name. Each is a real remote but for one thing. */
export const breakages = {
  'corrupts what it gives': ({ remote, here }) => ({
    retrieve: afterEach(remote.retrieve, ({ key }) => spoilEnd(here.objects.locate(key))),
  }),
  'corrupts what it stores': ({ remote, there }) => ({
    store: afterEach(remote.store, ({ key }) => spoilEnd(there.objects.locate(key))),
  }),
  'truncates what it stores': ({ remote, there }) => ({
    store: afterEach(remote.store, ({ key }) => halve(there.objects.locate(key))),
  }),
  'truncates what it gives': ({ remote, here }) => ({
    retrieve: afterEach(remote.retrieve, ({ key }) => halve(here.objects.locate(key))),
  }),
  'always says present': () => ({
    async *presence(keys) {
      for await (const key of keys) yield { key, presence: 'present' };
    },
  }),
  'always says absent': () => ({
    async *presence(keys) {
      for await (const key of keys) yield { key, presence: 'absent' };
    },
  }),
  'forgets what it stores': () => ({ store: pretend }),
  'forgets, and lies about it': () => ({
    store: pretend,
    async *presence(keys) {
      for await (const key of keys) yield { key, presence: 'present' };
    },
  }),
  'says it gave what it did not': () => ({ retrieve: pretend }),
  'removes nothing': () => ({
    async *remove(requests) {
      for await (const { key } of requests) yield { key, error: undefined };
    },
  }),
  'locks what is not there': ({ remote }) => ({
    lockContent: async () => ({ uuid: remote.uuid, expires: undefined, release: async () => undefined }),
  }),
  'locks in name only': ({ remote }) => ({
    async lockContent(key) {
      const lock = await remote.lockContent(key);
      if (lock === undefined || lock instanceof Error) return lock;
      await lock.release();
      return { uuid: remote.uuid, expires: undefined, release: async () => undefined };
    },
  }),
  'never locks': () => ({ lockContent: async () => undefined }),
  'does not look at proofs': ({ remote }) => ({
    remove: (requests, context) =>
      remote.remove(
        changed(requests, ({ key }) => ({ key, proof: anyProof(key) })),
        context,
      ),
  }),
  'resumes at the wrong place': ({ remote, here, there }) => ({
    async *retrieve(requests, context) {
      for await (const request of requests) {
        const tmp = here.objects.tmpPath(request.key);
        const source = there.objects.locate(request.key);
        const begun = statSync(toPath(tmp), { throwIfNoEntry: false })?.size ?? 0;
        if (begun === 0 || source === undefined) yield* remote.retrieve(only(request), context);
        else {
          // The whole content follows what is there already.
          writeFileSync(toPath(tmp), readFileSync(toPath(source)), { flag: 'a' });
          await here.objects.admit(request.key, tmp);
          yield { request, ok: true, moved: true };
        }
      }
    },
  }),
  'reports more progress than there is': ({ remote }) => ({
    store: withProgress(remote.store, (bytes) => bytes * 2),
  }),
  'reports progress that goes back': ({ remote }) => ({
    retrieve: (requests, context) =>
      remote.retrieve(requests, {
        ...context,
        onProgress: (request, bytes) => {
          context.onProgress?.(request, bytes);
          return context.onProgress?.(request, bytes - 1);
        },
      }),
  }),
  'reports progress that never ends': ({ remote }) => ({
    store: withProgress(remote.store, (bytes) => Math.floor(bytes / 2)),
  }),
  'does not answer about presence': ({ remote }) => ({
    presence: (keys, context) =>
      remote.presence(
        changed(keys, () => never()),
        context,
      ),
  }),
  'stops in the middle of storing': ({ remote }) => ({
    store: (requests, context) =>
      remote.store(
        changed(requests, () => never()),
        context,
      ),
  }),
  'answers twice': ({ remote }) => ({
    async *presence(keys, context) {
      for await (const answer of remote.presence(keys, context)) {
        yield answer;
        yield answer;
      }
    },
  }),
  'loses an answer': ({ remote }) => ({
    async *presence(keys, context) {
      let first = true;
      for await (const answer of remote.presence(keys, context)) {
        if (!first) yield answer;
        first = false;
      }
    },
  }),
  'mixes up answers': ({ remote }) => ({
    async *presence(keys, context) {
      const answers: Awaited<ReturnType<typeof all<{ key: Key; presence: unknown }>>> = await all(
        remote.presence(keys, context),
      );
      const last = answers.length - 1;
      for (const [i, { key }] of answers.entries()) {
        yield { key, presence: (answers[last - i]?.presence ?? 'absent') as 'absent' };
      }
    },
  }),
  crashes: () => ({
    retrieve: () => {
      throw new TypeError('undefined is not a function');
    },
  }),
} satisfies { readonly [name: string]: Breakage };

/** The real remote, but for what the breakage does. */
export function broken(name: keyof typeof breakages, ingredients: Ingredients): Remote {
  const breakage: Breakage = breakages[name];
  return { ...ingredients.remote, ...breakage(ingredients) };
}

type Transfer = <R extends TransferRequest>(
  requests: AsyncIterable<R>,
  context: TransferContext<R>,
) => AsyncIterable<TransferResult<R>>;

const pretend: Transfer = async function* (requests) {
  for await (const request of requests) yield { request, ok: true, moved: true };
};

function afterEach(transfer: Transfer, spoil: (request: TransferRequest) => void): Transfer {
  return async function* (requests, context) {
    for await (const result of transfer(requests, context)) {
      if (result.ok) spoil(result.request);
      yield result;
    }
  };
}

function withProgress(transfer: Transfer, report: (bytes: number) => number): Transfer {
  return (requests, context) =>
    transfer(requests, {
      ...context,
      onProgress: (request, bytes) => context.onProgress?.(request, report(bytes)),
    });
}

async function* changed<T, U>(
  items: AsyncIterable<T>,
  change: (item: T) => U | Promise<U>,
): AsyncGenerator<U> {
  for await (const item of items) yield await change(item);
}

const never = (): Promise<never> => new Promise(() => undefined);

async function* only<T>(item: T): AsyncGenerator<T> {
  yield item;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function anyProof(key: Key): SafeDropProof {
  const facts = {
    key,
    target: '' as never,
    locked: [],
    trusted: [],
    numcopies: 1,
    mincopies: 1,
    force: true,
  };
  return proveDrop(facts).proof as SafeDropProof;
}

function spoilEnd(path: ByteString | undefined): void {
  spoil(path, (file, size) => {
    const content = readFileSync(file);
    content.fill('spoilt', size >> 1);
    writeFileSync(file, content);
  });
}

function halve(path: ByteString | undefined): void {
  spoil(path, (file, size) => truncateSync(file, size >> 1));
}

function spoil(path: ByteString | undefined, change: (file: string, size: number) => void): void {
  if (path === undefined) return;
  chmodSync(dirname(path), 0o755);
  chmodSync(path, 0o644);
  change(path, statSync(path).size);
  chmodSync(path, 0o444);
}

/** Deletes an object whatever its permissions are. */
export function discard({ objects }: Pick<Repository, 'objects'>, key: Key): void {
  const path = objects.locate(key);
  if (path === undefined) return;
  chmodSync(dirname(path), 0o755);
  rmSync(path);
}
