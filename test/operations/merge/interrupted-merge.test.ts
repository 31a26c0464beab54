import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recoverInterruptedMerge } from '../../../src/operations/merge/interrupted-merge.js';
import { attempt, createSandbox, run } from '../../support/annex-repository.js';
import {
  commitTree,
  key,
  link,
  locked,
  mergeParts,
  mergeWithUs,
  plain,
  type Tree,
  treeOf,
  unlocked,
} from './conflict-sandbox.js';

const sandbox = createSandbox();
const ref = 'refs/remotes/origin/main';
let template = '';
let count = 0;

beforeAll(() => {
  template = sandbox.annex('template');
});
afterAll(() => sandbox.remove());

/** A repository that has `ours` checked out and knows `theirs`, with the note that a merge of it has begun. */
function begun(base: Tree, ours: Tree | undefined, theirs: Tree): string {
  const path = join(sandbox.directory, `case${count++}`);
  run('cp', ['-a', template, path], sandbox.directory);
  const root = commitTree(path, { keep: locked('keep'), ...base }, [], 'base');
  const other = commitTree(path, { keep: locked('keep'), ...theirs }, [root], 'theirs');
  run('git', ['update-ref', ref, other], path);
  let head = '-';
  if (ours !== undefined) {
    head = commitTree(path, { keep: locked('keep'), ...ours }, [root], 'ours');
    run('git', ['update-ref', 'refs/heads/main', head], path);
    run('git', ['reset', '-q', '--hard'], path);
  }
  writeFileSync(join(path, '.git/annex-ts-merge'), `${head} ${other} 0:0 ${ref}\n`);
  return path;
}

/** Lets git merge and takes back that it took note of it; with `index`, that it wrote its index, too. */
function mergedWithoutNote(path: string, index: 'written' | 'not written'): void {
  attempt('git', ['-c', 'merge.directoryRenames=false', 'merge', '--no-edit', ref], path);
  for (const name of ['MERGE_HEAD', 'MERGE_MSG', 'MERGE_MODE'])
    rmSync(join(path, '.git', name), { force: true });
  if (index === 'not written') run('git', ['read-tree', 'HEAD'], path);
}

async function recover(path: string): Promise<void> {
  const repository = mergeParts(path);
  try {
    await recoverInterruptedMerge(repository);
  } finally {
    await repository.git.close();
  }
}

const read = (path: string, name: string) => readFileSync(join(path, name), 'utf8');
const status = (path: string) => run('git', ['status', '--short', '-uall'], path);

const scenes: [name: string, base: Tree, ours: Tree, theirs: Tree][] = [
  ['locked files', {}, { x: locked('A') }, { x: locked('B'), new: locked('N'), p: plain('theirs\n') }],
  ['unlocked files', {}, { x: unlocked('A') }, { x: unlocked('B'), 'd/e/new': unlocked('N') }],
  [
    'text that git merges',
    { t: plain('1\n2\n3\n4\n5\n6\n') },
    { t: plain('one\n2\n3\n4\n5\n6\n') },
    { t: plain('1\n2\n3\n4\n5\nsix\n') },
  ],
  [
    'text in conflict',
    {},
    { t: plain('ours\n'), x: locked('A') },
    { t: plain('theirs\n'), x: unlocked('B') },
  ],
  ['a file and a folder', {}, { x: locked('A') }, { 'x/y': locked('B'), 'x/z': plain('z\n') }],
  ['a folder and a file', {}, { 'x/y': unlocked('A') }, { x: unlocked('B') }],
  ['a deletion', { x: plain('O\n'), d: locked('D') }, { x: plain('A\n'), d: locked('D') }, {}],
  ['a deletion here', { x: unlocked('O') }, {}, { x: unlocked('B') }],
  [
    'renames',
    { a: locked('O'), b: plain('long text\n') },
    { c: locked('O'), b: plain('long text\n') },
    { e: locked('O'), f: plain('long text\n') },
  ],
];

describe('a git that was killed while it merged', () => {
  it.each(scenes)('is made up for, and the merge can be done again: %s', async (_, base, ours, theirs) => {
    const expected = begun(base, ours, theirs);
    await mergeWithUs(expected, ref).catch(() => undefined);
    for (const index of ['written', 'not written'] as const) {
      const path = begun(base, ours, theirs);
      mergedWithoutNote(path, index);
      if (run('git', ['rev-list', '--count', 'HEAD'], path) !== '2') continue;
      await recover(path);
      expect(status(path)).toBe('');
      expect(existsSync(join(path, '.git/annex-ts-merge'))).toBe(false);
      await mergeWithUs(path, ref).catch(() => undefined);
      expect(treeOf(path)).toEqual(treeOf(expected));
      expect(status(path)).toBe(status(expected));
    }
  });

  it('may have removed files, or written a part of them', async () => {
    const text = (line: string) => plain(`${line}\n2\n3\n4\n5\n6\n7\n`);
    const path = begun(
      { t: text('base'), y: locked('A') },
      { x: unlocked('A'), y: locked('A'), z: unlocked('A'), t: text('base') },
      { x: unlocked('B'), y: locked('B'), z: unlocked('B'), t: text('theirs'), 'd/new': plain('theirs\n') },
    );
    rmSync(join(path, 'x'));
    rmSync(join(path, 'y'));
    writeFileSync(join(path, 'z'), `<<<<<<< HEAD\n/annex/objects/${key('A')}\n=======\n/annex/ob`);
    writeFileSync(join(path, 't'), 'theirs\n2\n');
    mkdirSync(join(path, 'd'));
    writeFileSync(join(path, 'd/new'), '');
    await recover(path);
    expect(status(path)).toBe('');
    expect(existsSync(join(path, 'd'))).toBe(false);
    await mergeWithUs(path, ref);
    expect(run('git', ['ls-files'], path).split('\n')).toHaveLength(8);
  });

  it('leaves what was edited since, and what is the user’s own', async () => {
    const path = begun(
      {},
      { x: unlocked('A'), 'd/o': plain('o\n') },
      { x: unlocked('B'), n: plain('theirs\n') },
    );
    mergedWithoutNote(path, 'written');
    writeFileSync(join(path, 'x'), 'mine');
    writeFileSync(join(path, 'n'), 'theirs\nand mine\n');
    writeFileSync(join(path, 'own'), 'own');
    rmSync(join(path, 'd/o'));
    await recover(path);
    expect(read(path, 'x')).toBe('mine');
    expect(read(path, 'n')).toBe('theirs\nand mine\n');
    expect(status(path).split('\n')).toEqual([' D d/o', ' M x', '?? n', '?? own']);
  });

  it('leaves what is outside, where the user has made a folder a link', async () => {
    const path = begun({}, { x: locked('A') }, { x: locked('A'), 'd/n': plain('theirs\n') });
    const outside = join(sandbox.directory, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'n'), 'theirs\n');
    symlinkSync(outside, join(path, 'd'));
    await recover(path);
    expect(read(outside, 'n')).toBe('theirs\n');
    expect(readlinkSync(join(path, 'd'))).toBe(outside);
  });

  it('leaves a branch that had no commit yet empty', async () => {
    const path = begun({}, undefined, { x: unlocked('A'), 'd/y': plain('y\n') });
    run('git', ['read-tree', '-m', '-u', `${ref}`], path);
    rmSync(join(path, 'd/y'));
    await recover(path);
    expect(status(path)).toBe('');
    await mergeWithUs(path, ref);
    expect(run('git', ['ls-files'], path).split('\n')).toEqual(['d/y', 'keep', 'x']);
    expect(status(path)).toBe('');
  });

  it('may have taken note of the merge: that is then concluded', async () => {
    const path = begun({}, { x: locked('A') }, { x: locked('B'), l: link('/nowhere') });
    attempt('git', ['merge', '--no-edit', ref], path);
    await recover(path);
    expect(await mergeWithUs(path, ref)).toContain('Merge conflict was automatically resolved');
    expect(lstatSync(join(path, 'l')).isSymbolicLink()).toBe(true);
    expect(run('git', ['ls-files'], path).split('\n')).toHaveLength(4);
    expect(existsSync(join(path, '.git/MERGE_HEAD'))).toBe(false);
  });

  it('may have committed the merge and still believe it to be in progress', async () => {
    const path = begun({}, { x: locked('A') }, { x: locked('A'), n: plain('n\n') });
    run('git', ['merge', '--no-edit', ref], path);
    writeFileSync(join(path, '.git/MERGE_HEAD'), `${run('git', ['rev-parse', ref], path)}\n`);
    await recover(path);
    expect(existsSync(join(path, '.git/MERGE_HEAD'))).toBe(false);
    expect(status(path)).toBe('');
  });

  it('is waited for, when it still runs', async () => {
    const path = begun({}, { x: unlocked('A') }, { x: unlocked('B') });
    const marker = join(path, '.git/annex-ts-merge');
    const others = `${process.ppid}:0`;
    writeFileSync(marker, readFileSync(marker, 'utf8').replace('0:0', others));
    rmSync(join(path, 'x'));
    await recover(path);
    expect(status(path)).toBe(' D x');
    expect(existsSync(marker)).toBe(true);
  });

  it('does not mistake the user’s own merge for it', async () => {
    const path = begun({}, { x: locked('A') }, { x: locked('B') });
    rmSync(join(path, '.git/annex-ts-merge'));
    attempt('git', ['merge', '--no-edit', ref], path);
    await expect(mergeWithUs(path, ref)).rejects.toMatchObject({ code: 'merge-conflict' });
    expect(existsSync(join(path, '.git/MERGE_HEAD'))).toBe(true);
  });
});

describe('the lock of the index', () => {
  const held = (path: string, ...locks: string[]) => {
    for (const name of locks) writeFileSync(join(path, '.git', name), '');
  };
  const lockOf = (path: string) => existsSync(join(path, '.git/index.lock'));

  it('is removed when a git of ours left it that was killed', async () => {
    const path = begun({}, { x: locked('A') }, { x: locked('B') });
    held(path, 'annex-ts-index-held', 'index.lock');
    await recover(path);
    expect(lockOf(path)).toBe(false);
    expect(existsSync(join(path, '.git/annex-ts-index-held'))).toBe(false);
  });

  it('stays when nobody knows whose it is, and when it is older', async () => {
    const path = begun({}, { x: locked('A') }, { x: locked('A') });
    held(path, 'index.lock');
    await expect(recover(path)).rejects.toMatchObject({ code: 'git-failed' });
    expect(lockOf(path)).toBe(true);
    held(path, 'annex-ts-index-held');
    utimesSync(join(path, '.git/index.lock'), 1, 1);
    await expect(recover(path)).rejects.toMatchObject({ code: 'git-failed' });
    expect(lockOf(path)).toBe(true);
  });

  it('stays while a git is at work in the repository', async () => {
    const path = begun({}, { x: locked('A') }, { x: locked('A') });
    held(path, 'annex-ts-index-held', 'index.lock');
    // Started by a shell that ends, so that it is not a child of this process.
    const pid = run(
      'sh',
      ['-c', 'mkfifo .git/wait; git cat-file --batch <> .git/wait > /dev/null 2>&1 & echo $!'],
      path,
    );
    try {
      await expect(recover(path)).rejects.toMatchObject({ code: 'git-failed' });
      expect(lockOf(path)).toBe(true);
    } finally {
      process.kill(Number(pid), 'SIGKILL');
    }
  });
});
