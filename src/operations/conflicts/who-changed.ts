import type { ByteString } from '../../lib/bytes.js';
import type { Git, GitEntry } from '../../repository/git/git.js';

/** A commit that changed a file. */
export interface Change {
  readonly commit: ByteString;
  readonly author: ByteString;
  readonly email: ByteString;
  /** Seconds since 1970. */
  readonly time: number;
  /** The first line of its message. */
  readonly subject: ByteString;
}

/** A version whose origin is looked for. */
export interface Side extends GitEntry {
  /** The path it had before the merge. */
  readonly original: ByteString;
}

interface LoggedCommit extends Change {
  readonly parents: readonly ByteString[];
}

/**
 * Who made each version, by its path: for one that a merge renamed, the last commit that changed the file on the side it
 * comes from; for one that was changed since, or is under its own name, the last commit that changed it.
 */
export async function whoChanged(git: Git, sides: readonly Side[]): Promise<Map<ByteString, Change>> {
  const found = new Map<ByteString, Change>();
  const moved = new Map<ByteString, { side: Side; parents: readonly ByteString[] }>();
  const byPath = new Map(sides.map((side) => [side.path, side]));
  for await (const { path, sha, commit } of lastChanges(git, 'HEAD' as ByteString, [...byPath.keys()])) {
    found.set(path, commit);
    const side = byPath.get(path);
    if (side?.sha === sha && side.original !== path && commit.parents.length > 1) {
      moved.set(path, { side, parents: commit.parents });
    }
  }
  const tips = new Set([...moved.values()].flatMap(({ parents }) => parents));
  for (const tip of tips) {
    const here = [...moved.values()].filter(({ parents }) => parents.includes(tip)).map(({ side }) => side);
    const originals = [...new Set(here.map(({ original }) => original))];
    const blobs = new Map<ByteString, ByteString>();
    for await (const entry of git.tree(tip, originals)) blobs.set(entry.path, entry.sha);
    const own = here.filter(({ original, sha }) => blobs.get(original) === sha);
    if (own.length === 0) continue;
    const changes = new Map<ByteString, Change>();
    for await (const { path, commit } of lastChanges(git, tip, [
      ...new Set(own.map((side) => side.original)),
    ])) {
      changes.set(path, commit);
    }
    for (const { path, original } of own) {
      const change = changes.get(original);
      if (change !== undefined) found.set(path, change);
    }
  }
  return found;
}

/** The last commit below `tip` that changed each path, and what the path was then. */
async function* lastChanges(
  git: Git,
  tip: ByteString,
  paths: readonly ByteString[],
): AsyncGenerator<{ path: ByteString; sha: ByteString; commit: LoggedCommit }> {
  const left = new Set(paths);
  const format = '--format=%x01%H%x02%P%x02%an%x02%ae%x02%at%x02%s';
  const options = ['-z', '-c', '--raw', '--no-abbrev', '--no-renames', '--encoding=UTF-8', format];
  const args = ['-c', 'log.showSignature=false', 'log', ...options, tip, '--', ...paths];
  let commit: LoggedCommit | undefined;
  let sha: ByteString | undefined;
  for await (const record of git.records(args, '\0')) {
    if (sha !== undefined) {
      if (commit !== undefined && left.delete(record)) yield { path: record, sha, commit };
      if (left.size === 0) return;
      sha = undefined;
      continue;
    }
    const text = record.replace(/^\n/, '');
    if (text.startsWith(':')) sha = text.split(' ').at(-2) as ByteString;
    else if (text.startsWith('\x01')) commit = loggedCommit(text.slice(1));
  }
}

function loggedCommit(text: string): LoggedCommit {
  const [commit, parents, author, email, time, ...subject] = text.split('\x02') as ByteString[];
  return {
    commit: commit ?? ('' as ByteString),
    parents: (parents ?? '').split(' ').filter((parent) => parent !== '') as ByteString[],
    author: author ?? ('' as ByteString),
    email: email ?? ('' as ByteString),
    time: Number(time),
    subject: subject.join('\x02') as ByteString,
  };
}
