import type { RequestWindow } from '../../planning/request-window.js';
import type { Repository } from '../../repository/repository.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import type { Connections } from './connections.js';

/** What the ways to use one remote share. */
export interface P2pParts {
  readonly identity: RemoteIdentity;
  readonly here: Repository;
  /** Whether content from there is checked. */
  readonly verify: boolean;
  /** Connections that work at the same time. */
  readonly jobs: number;
  readonly connections: Connections;
  /** Bytes from which on a content is worth a connection for large ones. */
  readonly bulkFrom: number;
  /** What is known of how much the server can be asked ahead. */
  readonly windows: {
    readonly contents: RequestWindow;
    readonly offers: RequestWindow;
    readonly questions: RequestWindow;
    readonly removals: RequestWindow;
  };
}
