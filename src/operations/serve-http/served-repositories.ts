import { existsSync } from 'node:fs';
import { AnnexError, type ErrorCode } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { type ChangeRecorder, createChangeRecorder } from './record-changes.js';
import { createSlots, type Slots } from './slots.js';

/** An open repository that a request works with, until it says that it is done. */
export interface Use {
  readonly repository: Repository;
  /** Places for transfers of contents. */
  readonly slots: Slots;
  /** To be called when content came or went. */
  changed(): void;
  done(): void;
}

/** The repositories that are served. They are opened when somebody asks for them, and closed when nobody does any more. */
export interface ServedRepositories {
  /** Undefined: no such repository. Throws what opening it throws. */
  use(uuid: Uuid): Promise<Use | undefined>;
  /** Records what changed, and closes all. */
  close(): Promise<void>;
}

export interface ServedRepositoriesOptions {
  /** Where a repository is now; undefined when it is not served. */
  readonly find: (uuid: Uuid) => Promise<ByteString | undefined>;
  readonly open: (folder: ByteString) => Promise<Repository>;
  /** Transfers at once, for each repository. */
  readonly jobs: number;
  /** Hears what goes wrong besides a request. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds after which a repository that nobody uses is closed. Default 30,000. */
  readonly idle?: number;
}

interface Opened {
  readonly repository: Repository;
  readonly slots: Slots;
  readonly recorder: ChangeRecorder;
  uses: number;
  timer: NodeJS.Timeout | undefined;
}

const NOWHERE: ReadonlySet<ErrorCode> = new Set(['not-a-repository', 'not-initialized']);

export function createServedRepositories(options: ServedRepositoriesOptions): ServedRepositories {
  const { find, open, jobs, onError, idle = 30_000 } = options;
  const all = new Map<Uuid, Promise<Opened | undefined>>();
  const closing = new Set<Promise<void>>();

  const start = async (uuid: Uuid): Promise<Opened | undefined> => {
    const folder = await find(uuid);
    if (folder === undefined) return undefined;
    const repository = await openIfThere(folder);
    if (repository?.uuid !== uuid) {
      await repository?.close();
      return undefined;
    }
    const recorder = createChangeRecorder(repository, onError);
    return { repository, slots: createSlots({ count: jobs }), recorder, uses: 0, timer: undefined };
  };
  const openIfThere = async (folder: ByteString): Promise<Repository | undefined> => {
    try {
      return await open(folder);
    } catch (error) {
      // It has just been deleted.
      if (error instanceof AnnexError && NOWHERE.has(error.code)) return undefined;
      throw error;
    }
  };
  const opened = (uuid: Uuid): Promise<Opened | undefined> => {
    const known = all.get(uuid);
    if (known !== undefined) return known;
    const starting = start(uuid);
    all.set(uuid, starting);
    const forget = () => {
      if (all.get(uuid) === starting) all.delete(uuid);
    };
    starting.then((result) => result ?? forget(), forget);
    return starting;
  };
  const shut = (uuid: Uuid, one: Opened) => {
    all.delete(uuid);
    const ending = one.recorder
      .close()
      .then(() => one.repository.close())
      .catch(onError)
      .finally(() => closing.delete(ending));
    closing.add(ending);
  };

  return {
    async use(uuid) {
      let one = await opened(uuid);
      if (one !== undefined && !existsSync(toPath(one.repository.location.gitDir))) {
        // Removed; another one may be in its place.
        if (one.uses === 0) clearTimeout(one.timer);
        shut(uuid, one);
        one = await opened(uuid);
      }
      if (one === undefined) return undefined;
      const mine = one;
      mine.uses++;
      clearTimeout(mine.timer);
      let used = true;
      return {
        repository: mine.repository,
        slots: mine.slots,
        changed: () => mine.recorder.changed(),
        done() {
          if (!used) return;
          used = false;
          mine.uses--;
          if (mine.uses === 0) mine.timer = setTimeout(() => shut(uuid, mine), idle).unref();
        },
      };
    },
    async close() {
      const starting = [...all];
      for (const [uuid, promise] of starting) {
        const one = await promise.catch(() => undefined);
        if (one === undefined) continue;
        clearTimeout(one.timer);
        if (all.has(uuid)) shut(uuid, one);
      }
      await Promise.allSettled([...closing]);
    },
  };
}

/** Asks for repositories below folders: at first, and whenever a uuid is not known, but not more than once a second. */
export function createFinder(
  scan: () => Promise<Map<Uuid, ByteString>>,
  pause = 1000,
): (uuid: Uuid) => Promise<ByteString | undefined> {
  let known = new Map<Uuid, ByteString>();
  let scanning: Promise<void> | undefined;
  const rescan = async () => {
    known = await scan();
    setTimeout(() => {
      scanning = undefined;
    }, pause).unref();
  };
  return async (uuid) => {
    const path = known.get(uuid);
    if (path !== undefined && existsSync(toPath(path))) return path;
    const before = scanning;
    scanning ??= rescan();
    await scanning;
    if (before !== undefined && !known.has(uuid)) {
      // It may have come after that look at the folders.
      await new Promise((resolve) => setTimeout(resolve, pause));
      scanning ??= rescan();
      await scanning;
    }
    return known.get(uuid);
  };
}

/** The sentence for a person who runs the server; what a client chose in it does not reach the terminal as it is. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
  return text.replace(/[^ -~\u00a0-\uffff]/g, '?');
}
