import type { Uuid } from '../../domain/uuid.js';
import { createRequestWindow } from '../../planning/request-window.js';
import type { Repository } from '../../repository/repository.js';
import type { Remote } from '../remote.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import type { OpenChannel } from './channel.js';
import { createConnections } from './connections.js';
import { examineAll } from './examine.js';
import { createContentLocks } from './lock-content.js';
import type { P2pParts } from './parts.js';
import { presenceOfAll } from './presence.js';
import { removeAll } from './remove.js';
import { retrieveAll } from './retrieve.js';
import { storeAll } from './store.js';

export interface P2pRemoteOptions {
  readonly identity: RemoteIdentity;
  readonly here: Repository;
  /** Opens a connection to the server; called again for more of them, and when one was lost. */
  readonly openChannel: OpenChannel;
  /** Opens one on which large contents cost less. */
  readonly openBulk?: OpenChannel;
  /** Bytes that are large; default 128 MiB: half a second of work, or more. */
  readonly bulkFrom?: number;
  /** Whether content from there is checked (`annex-verify`). */
  readonly verify: boolean;
  /** Connections that work at the same time (`annex.jobs`); default 1. */
  readonly jobs?: number;
  /** Gateways that a cluster should not go through. */
  readonly bypass?: readonly Uuid[];
  /** Whether requests are written before the one before is answered, until that turns out not to work; default true. */
  readonly ahead?: boolean;
}

/** A repository that is reached by the P2P protocol. Nothing is opened before it is needed. */
export function createP2pRemote(options: P2pRemoteOptions): Remote {
  const { identity, here, verify, jobs = 1, ahead = true, bulkFrom = 128 << 20 } = options;
  const window = (start: number, most: number) =>
    createRequestWindow(ahead ? { start, most } : { start: 1, most: 1 });
  const connections = createConnections(options);
  const parts: P2pParts = {
    identity,
    here,
    verify,
    jobs,
    connections,
    bulkFrom,
    windows: {
      contents: window(32, 128),
      offers: window(2, 2),
      questions: window(512, 2048),
      removals: window(32, 256),
    },
  };
  const locks = createContentLocks(parts);
  return {
    ...identity,
    retrieve: (requests, context) => retrieveAll(parts, requests, context),
    store: (requests, context) => storeAll(parts, requests, context),
    examine: (requests, { signal }) => examineAll(parts, requests, signal),
    remove: (requests, context) => removeAll(parts, requests, context),
    presence: (keys, { signal }) => presenceOfAll(parts, keys, signal),
    lockContent: locks.lock,
    freeLocks: locks.free,
    close: () => connections.close(),
  };
}
