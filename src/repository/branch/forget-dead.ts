import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../git/git.js';
import type { ObjectSink } from '../git/object-sink.js';
import { updateTree } from '../git/tree-update.js';
import { openBranchTree } from './branch-tree.js';

/** Logs with lines of `UUID VALUE timestamp=...`. `trust.log` is kept: it says who is dead. */
const logsByUuid =
  /^(?:uuid|remote|group|preferred-content|required-content|schedule|activity|difference|multicast|maxsize)\.log$/;
/** Logs with lines of `TIMESTAMP UUID...`. */
const logsOfRemotes = /\.log\.(?:rmt|rmet|cnk|cid)$|^export\.log$/;
const locationLogs = /^(?:[0-9a-f]{3}\/){1,2}[^/]+\.log$/;

/** Removes from a tree what it records about dead repositories; files left empty go. Gives the new tree. */
export async function forgetDeadRepositories(
  git: Git,
  sink: ObjectSink,
  tree: ByteString,
): Promise<ByteString> {
  const dead = deadRepositories(
    await openBranchTree(git, tree, sink.shaBytes).content('trust.log' as ByteString),
  );
  if (dead.size === 0) return tree;
  const changes = new Map<ByteString, ByteString | undefined>();
  const waiting: ByteString[] = [];
  async function* blobs(): AsyncGenerator<ByteString> {
    for await (const { path, sha } of git.tree(tree)) {
      if (!locationLogs.test(path) && !logsByUuid.test(path) && !logsOfRemotes.test(path)) continue;
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

/** Repositories whose newest line in `trust.log` is `UUID X timestamp=...`. */
export function deadRepositories(trustLog: ByteString): Set<string> {
  const newest = new Map<string, { time: number; dead: boolean }>();
  for (const line of trustLog.split('\n')) {
    const match = /^(\S+) (\S+)(?: timestamp=([\d.]+)s?)?$/.exec(line);
    if (match === null) continue;
    const [, uuid = '', level, stamp = '0'] = match;
    const time = Number(stamp);
    if (time >= (newest.get(uuid)?.time ?? -1)) newest.set(uuid, { time, dead: level === 'X' });
  }
  return new Set([...newest].filter(([, { dead }]) => dead).map(([uuid]) => uuid));
}

/** The content of a branch file without the lines about dead repositories. */
export function withoutDead(path: ByteString, content: ByteString, dead: ReadonlySet<string>): ByteString {
  const field = logsByUuid.test(path)
    ? 0
    : logsOfRemotes.test(path)
      ? 1
      : locationLogs.test(path)
        ? 2
        : undefined;
  if (field === undefined) return content;
  const lines = content.split('\n');
  const kept = lines.filter(
    (line) => !(line.split(' ')[field] ?? '').split(':').some((uuid) => dead.has(uuid)),
  );
  return kept.length === lines.length ? content : (kept.join('\n') as ByteString);
}
