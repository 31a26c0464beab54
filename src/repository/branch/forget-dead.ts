import type { KeyLogKind } from '../../domain/hash-directories.js';
import { type TopLogName, logKind } from '../../domain/logs/log-kind.js';
import { rawCodec } from '../../domain/logs/codec.js';
import { uuidLog } from '../../domain/logs/lines-by-uuid.js';
import { buildPresenceLog, parsePresenceLog } from '../../domain/logs/presence-log.js';
import { trustLog } from '../../domain/logs/trust-log.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../git/git.js';
import type { ObjectSink } from '../git/object-sink.js';
import { updateTree } from '../git/tree-update.js';
import { openBranchTree } from './branch-tree.js';

/** Where the lines of a log name the repository they speak of: the number of the word. */
const placesInTopLogs: { readonly [name in TopLogName]?: number } = {
  uuid: 0,
  remote: 0,
  group: 0,
  'preferred-content': 0,
  'required-content': 0,
  schedule: 0,
  activity: 0,
  difference: 0,
  multicast: 0,
  maxsize: 1,
  export: 1,
};
const placesInKeyLogs: { readonly [kind in KeyLogKind]?: number } = {
  location: 2,
  remoteState: 1,
  remoteMetadata: 1,
  contentIdentifiers: 1,
  chunks: 1,
};

/** `trust.log` is none of them: it goes on saying who is dead. */
function placeOfUuid(path: ByteString): number | undefined {
  const kind = logKind(path);
  if (kind.type === 'top') return placesInTopLogs[kind.name];
  return kind.type === 'key' ? placesInKeyLogs[kind.kind] : undefined;
}

/** Removes from a tree what it records about dead repositories; files left empty go. Gives the new tree. */
export async function forgetDeadRepositories(
  git: Git,
  sink: ObjectSink,
  tree: ByteString,
): Promise<ByteString> {
  const levels = trustLog.values(await openBranchTree(git, tree, sink.shaBytes).content(trustLog.path));
  const dead = new Set<string>([...levels].filter(([, level]) => level === 'dead').map(([uuid]) => uuid));
  if (dead.size === 0) return tree;
  const changes = new Map<ByteString, ByteString | undefined>();
  const waiting: ByteString[] = [];
  async function* blobs(): AsyncGenerator<ByteString> {
    for await (const { path, sha } of git.tree(tree)) {
      if (placeOfUuid(path) === undefined) continue;
      waiting.push(path);
      yield sha;
    }
  }
  for await (const object of git.objects(blobs())) {
    const path = waiting.shift() as ByteString;
    if (object === undefined) continue;
    const content = withoutDead(path, object.content, dead);
    if (content !== object.content) changes.set(path, content === '' ? undefined : sink.add('blob', content));
  }
  return updateTree(git, sink, tree, changes);
}

/** The content of a branch file without the lines about dead repositories, and without outdated ones. */
export function withoutDead(path: ByteString, content: ByteString, dead: ReadonlySet<string>): ByteString {
  const field = placeOfUuid(path);
  if (field === undefined) return content;
  const lines = content.split('\n');
  const kept = lines.filter(
    (line) => !(line.split(' ')[field] ?? '').split(':').some((uuid) => dead.has(uuid)),
  );
  return compacted(path, kept.length === lines.length ? content : (kept.join('\n') as ByteString));
}

const linesOfRepositories = uuidLog('', rawCodec);

/** git-annex leaves outdated lines out on this occasion, and puts the others in their usual order. */
function compacted(path: ByteString, content: ByteString): ByteString {
  const kind = logKind(path);
  if (kind.type === 'key' && kind.kind === 'location')
    return buildPresenceLog(parsePresenceLog(content).values());
  return kind.type === 'top' && placesInTopLogs[kind.name] === 0
    ? linesOfRepositories.compact(content)
    : content;
}
