import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { parsePointer, parseSymlink, pointerContent, symlinkTarget } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import { inBatches } from '../../lib/in-batches.js';
import { commitTree, treeOf, untilMoved } from '../../repository/branch/commit-tree.js';
import { createObjectSink } from '../../repository/git/object-sink.js';
import { updateTree } from '../../repository/git/tree-update.js';
import type { Repository } from '../../repository/repository.js';

/** That the content of one key is also that of another. */
export interface Migration {
  readonly from: Key;
  readonly to: Key;
}

/** A migration with the file that it was made for. */
export interface FileMigration extends Migration {
  /** Relative to the top. */
  readonly path: ByteString;
  readonly unlocked: boolean;
}

const BRANCH = 'refs/heads/git-annex';
const FOLDER = 'migrate.tree';

/**
 * Records migrations for other clones as git-annex does: a commit of the git-annex branch grafts trees with the files as they
 * were and as they are in, the next takes them out again. Remembers that they are done here.
 */
export async function recordMigrations(
  here: Repository,
  migrations: readonly FileMigration[],
): Promise<void> {
  if (migrations.length === 0) return;
  const { git } = here;
  await here.branch.commit();
  const cleanup = await untilMoved(async () => {
    const tip = await git.resolve(BRANCH);
    if (tip === undefined) return undefined;
    const base = await treeOf(git, tip);
    const sink = await createObjectSink(git);
    const changes = new Map<ByteString, ByteString>();
    migrations.forEach(({ from, to, path, unlocked }, i) => {
      const blob = (key: Key) => sink.add('blob', unlocked ? pointerContent(key) : symlinkTarget(key, path));
      changes.set(`${FOLDER}/old/${i + 1}` as ByteString, blob(from));
      changes.set(`${FOLDER}/new/${i + 1}` as ByteString, blob(to));
    });
    const tree = await updateTree(git, sink, base, changes);
    await sink.flush();
    const graft = await commitTree(git, tree, [tip], 'graft\n' as ByteString);
    const after = await commitTree(git, base, [graft], 'graft cleanup\n' as ByteString);
    const { exitCode } = await git.run(['update-ref', BRANCH, after, tip], { accept: 'any' });
    return exitCode === 0 ? after : 'again';
  });
  if (cleanup === undefined) return;
  const { upTo, own } = readProgress(here.annexDir);
  writeProgress(here.annexDir, { upTo, own: [...own, cleanup] });
}

/**
 * The migrations that the git-annex branch tells of.
 * @param all also those that were seen before
 */
export async function* recordedMigrations(here: Repository, all: boolean): AsyncGenerator<Migration> {
  const { upTo, own } = readProgress(here.annexDir);
  const known =
    upTo !== undefined && (await here.git.resolve(`${upTo}^{commit}` as ByteString)) !== undefined;
  const range = all || !known ? BRANCH : `${upTo}..${BRANCH}`;
  const skipped = new Set(all ? [] : own);
  for await (const batch of inBatches(removals(here.git, range, skipped), { items: 1000, linger: 20 })) {
    const shas = batch.flatMap(({ from, to }) => [from, to]);
    const keys: (Key | undefined)[] = [];
    for await (const blob of here.git.objects(shas)) {
      keys.push(blob && (parseSymlink(blob.content) ?? parsePointer(blob.content)));
    }
    for (let i = 0; i < keys.length; i += 2) {
      const [from, to] = keys.slice(i, i + 2);
      if (from !== undefined && to !== undefined) yield { from, to };
    }
  }
}

/** Whether the git-annex branch has changed since all that it told of was done. */
export async function mayHaveMigrations(here: Repository): Promise<boolean> {
  const tip = await here.git.resolve(BRANCH);
  return tip !== undefined && tip !== readProgress(here.annexDir).upTo;
}

/** Remembers that all that the branch tells of was done. */
export async function forgetRecorded(here: Repository): Promise<void> {
  const tip = await here.git.resolve(BRANCH);
  if (tip !== undefined) writeProgress(here.annexDir, { upTo: tip, own: [] });
}

/** Pairs of blobs that a commit took out of the grafted trees, the oldest commit first. */
async function* removals(
  git: Repository['git'],
  range: string,
  skipped: ReadonlySet<ByteString>,
): AsyncGenerator<{ from: ByteString; to: ByteString }> {
  // Without the full history git passes over side branches whose merge has nothing new.
  const history = ['log', '--reverse', '--full-history', '--raw', '-z', '--no-renames', '--no-abbrev'];
  const format = ['--diff-filter=D', '--format=commit %H', range, '--', FOLDER];
  let skip = false;
  let sha: ByteString | undefined;
  let old = new Map<string, ByteString>();
  let fresh = new Map<string, ByteString>();
  const pairs = function* () {
    for (const [number, from] of old) {
      const to = fresh.get(number);
      if (to !== undefined && !skip) yield { from, to };
    }
    old = new Map();
    fresh = new Map();
  };
  for await (const raw of git.records([...history, ...format], '\0')) {
    const record = raw.replace(/^\n/, '');
    if (record.startsWith('commit ')) {
      yield* pairs();
      skip = skipped.has(record.slice(7).trim() as ByteString);
    } else if (record.startsWith(':')) sha = record.split(' ')[2] as ByteString;
    else if (sha !== undefined) {
      const match = /^migrate\.tree\/(old|new)\/(.+)$/.exec(record);
      if (match !== null) (match[1] === 'old' ? old : fresh).set(match[2] as string, sha);
      sha = undefined;
    }
  }
  yield* pairs();
}

interface Progress {
  /** The commit of the branch up to which migrations were applied. */
  readonly upTo: ByteString | undefined;
  /** Commits after it whose migrations were made here. */
  readonly own: readonly ByteString[];
}

/** git-annex's `.git/annex/migrations.log`: a commit, or zeros, and below it the commits made here. */
function readProgress(annexDir: ByteString): Progress {
  try {
    const lines = fromBuffer(readFileSync(toPath(`${annexDir}/migrations.log` as ByteString))).split('\n');
    const [first, ...own] = lines.filter((line) => /^[0-9a-f]{40,64}$/.test(line)) as ByteString[];
    return { upTo: first === undefined || /^0+$/.test(first) ? undefined : first, own };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { upTo: undefined, own: [] };
    throw error;
  }
}

function writeProgress(annexDir: ByteString, { upTo, own }: Progress): void {
  const zeros = '0'.repeat(own[0]?.length ?? 40);
  const text = `${[upTo ?? zeros, ...own].join('\n')}\n` as ByteString;
  const fresh = toPath(`${annexDir}/migrations.log.${process.pid}` as ByteString);
  writeFileSync(fresh, toBuffer(text));
  renameSync(fresh, toPath(`${annexDir}/migrations.log` as ByteString));
}
