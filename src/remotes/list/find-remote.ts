import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Remote } from '../remote.js';
import type { RemoteEntry } from './remote-entry.js';

/** Finds repositories by a user's word: uuid or description. Throws `unknown-remote`. */
export interface NamedRepositories {
  named(word: ByteString): Uuid;
}

/**
 * The remote that a user's word names: its name, its uuid, or its repository's description. Throws `unknown-remote`,
 * worded as git-annex does, also when the remote is configured but has no uuid.
 */
export function findRemote(
  entries: readonly RemoteEntry[],
  word: ByteString,
  known: NamedRepositories,
): Remote {
  const named = entries.find(({ settings }) => settings.name === word);
  if (named?.remote !== undefined) return named.remote;
  if (named !== undefined) throw withoutUuid(named);
  const unknown = new AnnexError(
    'unknown-remote',
    `there is no available git remote named "${toText(word)}"`,
  );
  if (word === 'here' || word === '.') throw unknown;
  const uuid = known.named(word);
  const other = entries.find(({ remote }) => remote?.uuid === uuid);
  if (other?.remote === undefined) throw unknown;
  return other.remote;
}

function withoutUuid({ settings }: RemoteEntry): AnnexError {
  const ignored = settings.ignore ? ` (remote.${toText(settings.name)}.annex-ignore is set)` : '';
  const advice = '(perhaps you need to run "git annex sync"?)';
  return new AnnexError(
    'unknown-remote',
    `cannot determine uuid for ${toText(settings.name)} ${advice}${ignored}`,
  );
}
