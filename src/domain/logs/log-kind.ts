import type { ByteString } from '../../lib/bytes.js';
import type { KeyLogKind } from '../hash-directories.js';
import { keyLogSuffixes } from '../hash-directories.js';
import type { Key } from '../key.js';
import { parseKeyFileName } from '../key.js';

/** What a file of the git-annex branch is. */
export type LogKind =
  | { readonly type: 'key'; readonly kind: KeyLogKind; readonly key: Key }
  /** One of the logs at the top, by its name without `.log`. */
  | { readonly type: 'top'; readonly name: TopLogName }
  /** `migrate.tree/old`, `migrate.tree/new`: trees grafted in for the sake of garbage collection. */
  | { readonly type: 'migration' }
  | { readonly type: 'other' };

const topLogNames = [
  'uuid',
  'trust',
  'numcopies',
  'mincopies',
  'config',
  'group',
  'preferred-content',
  'required-content',
  'group-preferred-content',
  'maxsize',
  'remote',
  'schedule',
  'activity',
  'transitions',
  'difference',
  'multicast',
  'export',
  'proxy',
  'cluster',
  'migrate',
] as const;

export type TopLogName = (typeof topLogNames)[number];

const topLogs = new Map<string, TopLogName>(topLogNames.map((name) => [`${name}.log`, name]));
const kindsByExtension = new Map<string, KeyLogKind>(
  Object.entries(keyLogSuffixes).map(([kind, suffix]) => [suffix.slice(4), kind as KeyLogKind]),
);

/**
 * What the file at a path of the git-annex branch is. The hash directories are not checked: branches of repositories
 * with other hash settings have others.
 */
export function logKind(path: ByteString): LogKind {
  const slash = path.lastIndexOf('/');
  if (slash === -1) {
    const name = topLogs.get(path);
    return name === undefined ? { type: 'other' } : { type: 'top', name };
  }
  if (path.startsWith('migrate.tree/')) return { type: 'migration' };
  const mark = path.lastIndexOf('.log');
  const kind = mark > slash ? kindsByExtension.get(path.slice(mark + 4)) : undefined;
  const key = kind === undefined ? undefined : parseKeyFileName(path.slice(slash + 1, mark));
  return kind === undefined || key === undefined ? { type: 'other' } : { type: 'key', kind, key };
}

/** The key of a location log's path; undefined for every other file. */
export function locationLogKey(path: ByteString): Key | undefined {
  const slash = path.lastIndexOf('/');
  return slash === -1 || !path.endsWith('.log') ? undefined : parseKeyFileName(path.slice(slash + 1, -4));
}
