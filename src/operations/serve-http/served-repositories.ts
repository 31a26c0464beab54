import { existsSync } from 'node:fs';
import { AnnexError, type ErrorCode } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { ServedContent } from '../../protocol/served-content.js';
import type { Repository } from '../../repository/repository.js';
import { createGateway, type Gateway } from '../serve/proxy/gateway.js';
import type { NodeClient } from '../serve/proxy/kept-node.js';
import { type ChangeRecorder, createChangeRecorder } from '../serve/record-changes.js';
import { serveRepository } from '../serve/serve-repository.js';
import { startTelling } from '../tell-gateways/start-telling.js';
import { createParkedReceptions, type ParkedReceptions } from './parked-receptions.js';
import { createSlots, type Slots } from './slots.js';

/** An open repository that a request works with, until it says that it is done. */
export interface Use {
  /** The repository, or the gateway to what is asked for. */
  readonly repository: Repository;
  /** Whether what is asked for is behind the repository. */
  readonly isBehind: boolean;
  /** Places for transfers of contents; behind a gateway for all that needs a connection. */
  readonly slots: Slots;
  /** Receptions behind the gateway that wait for the content. */
  readonly parked: ParkedReceptions;
  /** Undefined: the gateway does not know it any more. Throws what goes wrong on the way there. */
  serve(client: NodeClient): Promise<ServedContent | undefined>;
  done(): void;
}

/** The repositories that are served. They are opened when somebody asks for them, and closed when nobody does any more. */
export interface ServedRepositories {
  /** Undefined: neither such a repository nor a gateway to one. Throws what opening it throws. */
  use(uuid: Uuid): Promise<Use | undefined>;
  /** Records what changed, and closes all. */
  close(): Promise<void>;
}

export interface ServedRepositoriesOptions {
  /** Where a repository is now; undefined when it is not served. */
  readonly find: (uuid: Uuid) => Promise<ByteString | undefined>;
  /** Whether that is known without looking again. */
  readonly isKnown: (uuid: Uuid) => Promise<boolean>;
  readonly open: (folder: ByteString) => Promise<Repository>;
  /** The repositories that may be gateways. */
  readonly gateways: () => Promise<readonly Uuid[]>;
  /** Transfers at once, for each repository. */
  readonly jobs: number;
  /** Nodes of a cluster that are asked for something at once, for each request. */
  readonly clusterJobs?: number | undefined;
  /** Hears what goes wrong besides a request. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds after which a repository that nobody uses is closed. Default 30,000. */
  readonly idle?: number;
}

interface Opened {
  readonly repository: Repository;
  readonly slots: Slots;
  readonly recorder: ChangeRecorder;
  readonly gateway: Gateway;
  readonly nodeSlots: Map<Uuid, Slots>;
  readonly parked: ParkedReceptions;
  uses: number;
  timer: NodeJS.Timeout | undefined;
}

/** Requests at once to each repository or cluster behind a gateway: each needs a connection, and sshd allows ten at first. */
const NODE_REQUESTS = 8;

/** What clients parked behind one gateway, and how many milliseconds for. */
const PARKED = { most: 100, patience: 5000 };

const NOWHERE: ReadonlySet<ErrorCode> = new Set(['not-a-repository', 'not-initialized']);

export function createServedRepositories(options: ServedRepositoriesOptions): ServedRepositories {
  const { find, isKnown, open, gateways, jobs, clusterJobs, onError, idle = 30_000 } = options;
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
    const recorder = createChangeRecorder(repository, onError, () => startTelling(repository));
    return {
      repository,
      slots: createSlots({ count: jobs }),
      recorder,
      gateway: createGateway(repository, {
        warn: onError,
        jobs: clusterJobs,
        lasting: { onRecord: recorder.recorded, onError },
      }),
      nodeSlots: new Map(),
      parked: createParkedReceptions(PARKED),
      uses: 0,
      timer: undefined,
    };
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
    const ending = end(one)
      .catch(onError)
      .finally(() => closing.delete(ending));
    closing.add(ending);
  };

  /** A repository itself, in use. */
  const take = async (uuid: Uuid): Promise<Taken | undefined> => {
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
    const done = () => {
      if (!used) return;
      used = false;
      mine.uses--;
      if (mine.uses === 0) mine.timer = setTimeout(() => shut(uuid, mine), idle).unref();
    };
    return { one: mine, done };
  };
  const takeGateway = async (uuid: Uuid): Promise<Taken | undefined> => {
    for (const candidate of await gateways()) {
      const taken = await take(candidate);
      if (taken === undefined) continue;
      try {
        if (await taken.one.gateway.has(uuid)) return taken;
      } catch (error) {
        taken.done();
        throw error;
      }
      taken.done();
    }
    return undefined;
  };

  return {
    async use(uuid) {
      // To look for repositories anew takes long: what is behind one that is known need not wait for that.
      const isNew = !(await isKnown(uuid));
      const before = isNew ? await takeGateway(uuid) : undefined;
      if (before !== undefined) return useBehind(before, uuid);
      const itself = await take(uuid);
      if (itself !== undefined) return useItself(itself);
      const gateway = await takeGateway(uuid);
      return gateway && useBehind(gateway, uuid);
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

interface Taken {
  readonly one: Opened;
  done(): void;
}

function useItself({ one, done }: Taken): Use {
  const { repository, slots, recorder, parked } = one;
  const onChange = recorder.changed;
  return {
    repository,
    isBehind: false,
    slots,
    parked,
    serve: async (client) => serveRepository({ repository, ...client, onChange }),
    done,
  };
}

function useBehind({ one, done }: Taken, uuid: Uuid): Use {
  const { repository, nodeSlots, parked, gateway } = one;
  const slots = nodeSlots.get(uuid) ?? createSlots({ count: NODE_REQUESTS });
  nodeSlots.set(uuid, slots);
  return { repository, isBehind: true, slots, parked, serve: (client) => gateway.serve(uuid, client), done };
}

/** Ends what is behind a repository, records what changed, and closes it. */
async function end({ parked, gateway, recorder, repository }: Opened): Promise<void> {
  await parked.close();
  await gateway.close();
  await recorder.close();
  await repository.close();
}

/** The sentence for a person who runs the server; what a client chose in it does not reach the terminal as it is. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
  return text.replace(/[^ -~\u00a0-\uffff]/g, '?');
}
