import type { ByteString } from '../lib/bytes.js';
import type { Service } from './message.js';
import type { ServedContent } from './served-content.js';

/** What a server offers besides contents; git-annex-shell offers neither over `p2pstdio`, a server for peers does. */
export interface ServedServices {
  /** Starts a service of git on the repository; undefined where git is not relayed on this connection. */
  connect(service: Service): Promise<ServiceProcess | undefined>;
  /** Starts to look for changes; undefined where they are not told on this connection. */
  watchRefs(): RefWatch | undefined;
  /** A repository that this one leads to; undefined when it does not. Left out where clients name it when they connect. */
  behind?(uuid: ByteString): Promise<ServedContent | undefined>;
}

/** A service of git at work. */
export interface ServiceProcess {
  output(): AsyncIterable<Uint8Array>;
  /** Resolves when it can take more. What a service that has ended did not read is dropped. */
  write(bytes: Uint8Array): Promise<void>;
  /** There is no more to write. */
  end(): void;
  /** Resolves when it has ended and all of its output was read. */
  exitCode(): Promise<number>;
  /** Ends it, when it has not ended by itself. */
  close(): void;
}

/** Changes of the refs of a repository since the watch began, or since they were told last. */
export interface RefWatch {
  /** Waits for a change; gives the names of the objects that the changed refs point to now. */
  next(): Promise<readonly ByteString[]>;
  close(): void;
}
