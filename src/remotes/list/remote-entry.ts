import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { Remote } from '../remote.js';
import type { RemoteSettings } from './remote-settings.js';

/** One configured remote. `remote` is undefined when it has no uuid, so that git-annex does not know it yet. */
export interface RemoteEntry {
  readonly settings: RemoteSettings;
  readonly remote: Remote | undefined;
}

export interface ListRemotesOptions {
  /** Opens the repository at a path, initialising it first where git-annex would. */
  readonly openRepository: (path: ByteString) => Promise<Repository>;
  /** Told a sentence when a remote turns out to be other than what was recorded. */
  readonly warn: (text: string) => void;
  /** Connections that a remote may work on at the same time; default 1. */
  readonly jobs?: number;
  /** Only repositories on paths are looked at; of the others no more is given than what is recorded. Default false. */
  readonly near?: boolean;
}
