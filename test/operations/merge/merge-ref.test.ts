import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleMerge } from '../../../src/operations/merge/merge-ref.js';
import { attempt, createSandbox, run } from '../../support/annex-repository.js';
import {
  commitTree,
  type File,
  key,
  link,
  listen,
  locked,
  mergeParts,
  mergeWithGitAnnex,
  mergeWithUs,
  plain,
  type Tree,
  treeOf,
  unlocked,
} from './conflict-sandbox.js';

const sandbox = createSandbox();
let template = '';
let count = 0;

beforeAll(() => {
  template = sandbox.annex('template');
});
afterAll(() => sandbox.remove());

interface Prepared {
  readonly path: string;
  readonly theirs: string;
}

/** A repository that has `ours` checked out; `theirs` is the other side's commit. */
function prepare(base: Tree, ours: Tree, theirs: Tree): Prepared {
  const path = join(sandbox.directory, `case${count++}`);
  run('cp', ['-a', template, path], sandbox.directory);
  const root = commitTree(path, { keep: locked('keep'), ...base }, [], 'base');
  const mine = commitTree(path, { keep: locked('keep'), ...ours }, [root], 'ours');
  const other = commitTree(path, { keep: locked('keep'), ...theirs }, [root], 'theirs');
  run('git', ['update-ref', 'refs/heads/main', mine], path);
  run('git', ['reset', '-q', '--hard'], path);
  run('git', ['update-ref', 'refs/remotes/origin/main', other], path);
  return { path, theirs: other };
}

const x = (file: File): Tree => ({ x: file });
const nothing: Tree = {};

const likeGitAnnex: [name: string, base: Tree, ours: Tree, theirs: Tree][] = [
  ['two locked files', nothing, x(locked('A')), x(locked('B'))],
  ['locked and unlocked', nothing, x(locked('A')), x(unlocked('B'))],
  ['unlocked and locked', nothing, x(unlocked('A')), x(locked('B'))],
  ['two unlocked files', nothing, x(unlocked('A')), x(unlocked('B'))],
  ['unlocked and executable unlocked', nothing, x(unlocked('A')), x(unlocked('B', '100755'))],
  ['locked and plain', nothing, x(locked('A')), x(plain('text\n'))],
  ['plain and locked', nothing, x(plain('text\n')), x(locked('A'))],
  ['unlocked and plain', nothing, x(unlocked('A')), x(plain('text\n'))],
  ['plain and unlocked', nothing, x(plain('text\n')), x(unlocked('A'))],
  ['locked and another symlink', nothing, x(locked('A')), x(link('/nowhere'))],
  ['another symlink and locked', nothing, x(link('/nowhere')), x(locked('A'))],
  ['unlocked and another symlink', nothing, x(unlocked('A')), x(link('/nowhere'))],
  ['the same key with and without x', nothing, x(unlocked('A')), x(unlocked('A', '100755'))],
  ['modified and deleted', x(locked('O')), x(locked('A')), nothing],
  ['deleted and modified', x(locked('O')), nothing, x(locked('A'))],
  ['unlocked modified and deleted', x(unlocked('O')), x(unlocked('A')), nothing],
  ['deleted and unlocked modified', x(locked('O')), nothing, x(unlocked('A'))],
  ['both modified', x(locked('O')), x(locked('A')), x(locked('B'))],
  ['both modified, one unlocked', x(locked('O')), x(unlocked('A')), x(locked('B'))],
  ['annexed and modified', x(plain('old\n')), x(locked('A')), x(plain('new\n'))],
  ['modified and annexed', x(plain('old\n')), x(plain('new\n')), x(locked('A'))],
  ['both annexed', x(plain('old\n')), x(unlocked('A')), x(locked('B'))],
  ['in a folder', nothing, { 'd/e': locked('A') }, { 'd/e': locked('B') }],
  [
    'names with extensions',
    nothing,
    { 'a.tar.gz': locked('A', '.gz'), '.hidden': locked('A'), 'noext.': locked('A'), 'd.x/f': locked('A') },
    { 'a.tar.gz': locked('B', '.gz'), '.hidden': locked('B'), 'noext.': locked('B'), 'd.x/f': locked('B') },
  ],
  [
    'variants of variants',
    nothing,
    { 'x.variant-abcd': locked('A'), 'y.variant-abcd.txt': locked('A', '.txt') },
    { 'x.variant-abcd': locked('B'), 'y.variant-abcd.txt': locked('B', '.txt') },
  ],
  [
    'what merges by itself comes along',
    x(locked('O')),
    { ...x(locked('A')), p: plain('p') },
    { ...x(locked('B')), q: plain('q') },
  ],
];

describe('resolving conflicts', () => {
  it.each(likeGitAnnex)('makes the tree git-annex makes: %s', async (_, base, ours, theirs) => {
    const judged = prepare(base, ours, theirs);
    expect(mergeWithGitAnnex(judged.path, judged.theirs).status).toBe(0);
    const { path } = prepare(base, ours, theirs);
    const told = await mergeWithUs(path, 'refs/remotes/origin/main');
    expect(treeOf(path)).toEqual(treeOf(judged.path));
    expect(run('git', ['status', '--short'], path)).toBe('');
    expect(run('git', ['log', '-1', '--format=%s'], path)).toBe('git-annex automatic merge conflict fix');
    expect(run('git', ['rev-list', '--parents', '-1', 'HEAD'], path).split(' ')).toHaveLength(3);
    expect(told).toContain('Merge conflict was automatically resolved; you may want to examine the result.');
    expect(existsSync(join(path, '.git/MERGE_HEAD'))).toBe(false);
  });

  const file = x(locked('A'));
  const folder = { 'x/y': locked('B') };
  it('keeps one file where both sides have the same key, unlocked if one of them is', async () => {
    const { path } = prepare(nothing, x(locked('A')), x(unlocked('A')));
    await mergeWithUs(path, 'refs/remotes/origin/main');
    expect(treeOf(path).map((line) => line.replace(/ .* /, ' '))).toEqual(['120000 keep', '100644 x']);
  });

  const ownWay: [name: string, base: Tree, ours: Tree, theirs: Tree, paths: string[]][] = [
    ['a file and a folder', nothing, file, folder, ['x.variant-', 'x/y']],
    ['a modified file and a folder', x(locked('O')), file, folder, ['x.variant-', 'x/y']],
    [
      'an unlocked file and a folder of plain files',
      nothing,
      x(unlocked('A')),
      { 'x/y': plain('t') },
      ['x.variant-', 'x/y'],
    ],
    [
      'two renames of one file',
      x(locked('O')),
      { y: locked('O') },
      { z: locked('O') },
      ['y.variant-', 'z.variant-'],
    ],
    [
      'a modified file below a folder that became one',
      { 'd/e/f': locked('O') },
      { d: locked('A') },
      { 'd/e/f': locked('B') },
      ['d.variant-', 'd/e/f.variant-'],
    ],
    ['the same key locked and unlocked', nothing, x(unlocked('A')), x(locked('A')), ['x']],
    ['two plain files', nothing, x(plain('A')), x(plain('B')), ['x.variant-', 'x.variant-']],
    ['a plain file and a link', nothing, x(plain('A')), x(link('/B')), ['x.variant-', 'x.variant-']],
    ['two links', x(link('/O')), x(link('/A')), x(link('/B')), ['x.variant-', 'x.variant-']],
    ['a plain file modified and deleted', x(plain('O')), x(plain('A')), nothing, ['x']],
    ['a plain file and a folder', nothing, x(plain('A')), { 'x/y': plain('B') }, ['x.variant-', 'x/y']],
    ['a link and a folder', x(link('/O')), x(link('/A')), { 'x/y': plain('B') }, ['x.variant-', 'x/y']],
    ['two renames of a plain file', x(plain('O')), { y: plain('O') }, { z: plain('O') }, ['y', 'z']],
    [
      'a plain file below a folder that became a file',
      { 'd/e/f': plain('O') },
      { d: plain('A') },
      { 'd/e/f': plain('B') },
      ['d.variant-', 'd/e/f'],
    ],
    [
      'what git reads its settings from',
      nothing,
      { 'd/.gitattributes': plain('# A\n') },
      { 'd/.gitattributes': plain('# B\n') },
      ['d/.gitattributes', 'd/.variant-.gitattributes'],
    ],
    [
      'a plain file executable on one side',
      nothing,
      x({ ...plain('A'), mode: '100755' }),
      x(plain('A')),
      ['x'],
    ],
    [
      'plain and annexed files at once',
      { t: plain('1\n2\n3\n') },
      { ...x(plain('A')), y: locked('A'), t: plain('0\n1\n2\n3\n') },
      { ...x(plain('B')), y: unlocked('B'), t: plain('1\n2\n3\n4\n') },
      ['t', 'x.variant-', 'x.variant-', 'y.variant-', 'y.variant-'],
    ],
    [
      'a submodule',
      nothing,
      x(locked('A')),
      x({ mode: '160000', content: () => '1'.repeat(40) }),
      ['x', 'x.variant-'],
    ],
  ];

  it.each(ownWay)('comes to the same tree from both sides: %s', async (_, base, ours, theirs, paths) => {
    const one = prepare(base, ours, theirs);
    await mergeWithUs(one.path, 'refs/remotes/origin/main');
    const other = prepare(base, theirs, ours);
    await mergeWithUs(other.path, 'refs/remotes/origin/main');
    expect(treeOf(other.path)).toEqual(treeOf(one.path));
    const found = treeOf(one.path).map((line) => line.split(' ')[2] as string);
    const shortened = found
      .filter((path) => path !== 'keep')
      .map((path) => path.replace(/variant-[0-9a-f]{4}/, 'variant-'));
    expect(shortened.sort()).toEqual([...paths].sort());
    for (const { path } of [one, other]) {
      expect(run('git', ['status', '--short', '--ignore-submodules'], path).replace(/^ D x$/, '')).toBe('');
    }
  });

  it('leaves conflicts without annexed files to the user where told to, and resolves the others', async () => {
    const ours = { t: plain('mine\n'), x: locked('A') };
    const { path } = prepare(nothing, ours, { t: plain('theirs\n'), x: locked('B'), new: locked('N') });
    await expect(mergeWithUs(path, 'refs/remotes/origin/main', true)).rejects.toMatchObject({
      code: 'merge-conflict',
      message: 'there are merge conflicts in t',
    });
    expect(readFileSync(join(path, 't'), 'utf8')).toContain('<<<<<<< HEAD');
    expect(run('git', ['ls-files', '-u', '--format=%(path)'], path).split('\n')).toEqual(
      expect.arrayContaining(['t']),
    );
    expect(run('git', ['diff', '--name-only', '--diff-filter=U'], path)).toBe('t');
    expect(run('git', ['ls-files', 'x*'], path).split('\n')).toHaveLength(2);
  });

  it('keeps both contents of plain files', async () => {
    const { path } = prepare(x(plain('O\n')), x(plain('A\n')), x(plain('B\n')));
    await mergeWithUs(path, 'refs/remotes/origin/main');
    const names = run('git', ['ls-files', 'x*'], path).split('\n');
    expect(names.map((name) => readFileSync(join(path, name), 'utf8')).sort()).toEqual(['A\n', 'B\n']);
    expect(run('git', ['status', '--short'], path)).toBe('');
  });

  it.each([
    ['annexed', locked('A'), locked('B')],
    ['plain', plain('A'), plain('B')],
  ])(
    'leaves everything as it was when a file git does not know is in the way: %s',
    async (_, ours, theirs) => {
      const { path } = prepare(nothing, x(ours), x(theirs));
      const probe = prepare(nothing, x(ours), x(theirs));
      await mergeWithUs(probe.path, 'refs/remotes/origin/main');
      const variant = run('git', ['ls-files', 'x*'], probe.path).split('\n')[0] as string;
      writeFileSync(join(path, variant), 'mine');
      const before = run('git', ['rev-parse', 'HEAD'], path);
      await expect(mergeWithUs(path, 'refs/remotes/origin/main')).rejects.toMatchObject({
        code: 'merge-conflict',
      });
      expect(readFileSync(join(path, variant), 'utf8')).toBe('mine');
      expect(run('git', ['rev-parse', 'HEAD'], path)).toBe(before);
      expect(run('git', ['status', '--short'], path)).toBe(`?? ${variant}`);
      expect(run('git', ['diff', '--name-only', 'HEAD'], path)).toBe('');
    },
  );

  it('takes another name where git has a different file of the variant name', async () => {
    const probe = prepare(nothing, x(locked('A')), x(locked('B')));
    await mergeWithUs(probe.path, 'refs/remotes/origin/main');
    const [variant = ''] = run('git', ['ls-files', 'x*'], probe.path).split('\n');
    const { path } = prepare(nothing, { ...x(locked('A')), [variant]: plain('other') }, x(locked('B')));
    await mergeWithUs(path, 'refs/remotes/origin/main');
    expect(readFileSync(join(path, variant), 'utf8')).toBe('other');
    expect(run('git', ['ls-files', 'x*'], path).split('\n')).toHaveLength(3);
  });

  it('does not merge over what is not committed', async () => {
    const { path } = prepare(nothing, nothing, x(locked('B')));
    writeFileSync(join(path, 'x'), 'mine');
    await expect(mergeWithUs(path, 'refs/remotes/origin/main')).rejects.toMatchObject({ code: 'git-failed' });
    expect(readFileSync(join(path, 'x'), 'utf8')).toBe('mine');
  });

  it('refuses a ref that does not exist', async () => {
    const { path } = prepare(nothing, nothing, nothing);
    await expect(mergeWithUs(path, 'nonesuch')).rejects.toMatchObject({
      code: 'git-failed',
      message: 'merge: nonesuch - not something we can merge',
    });
  });

  it('writes names of the longest length only', async () => {
    const name = `${'n'.repeat(250)}.txt`;
    const { path } = prepare(nothing, { [name]: locked('A') }, { [name]: locked('B') });
    await mergeWithUs(path, 'refs/remotes/origin/main');
    const names = run('git', ['ls-files', 'n*'], path).split('\n');
    expect(names).toHaveLength(2);
    for (const made of names)
      expect(lstatSync(join(path, made)).isSymbolicLink() && made.length <= 255).toBe(true);
  });

  it('keeps apart keys whose short names are the same', async () => {
    const [a, b] = collidingNames();
    const { path } = prepare(nothing, x(locked(a)), x(locked(b)));
    await mergeWithUs(path, 'refs/remotes/origin/main');
    expect(run('git', ['ls-files', 'x*'], path).split('\n')).toHaveLength(2);
  });

  it('has git-annex agree with the result', async () => {
    const { path } = prepare(nothing, x(locked('A')), x(unlocked('B')));
    await mergeWithUs(path, 'refs/remotes/origin/main');
    rmSync(join(path, '.git/annex/keysdb'), { recursive: true, force: true });
    expect(attempt('git', ['annex', 'find', '--not', '--in', 'here'], path).stdout.split('\n')).toHaveLength(
      4,
    );
  });
});

/** Two names whose keys' MD5s begin alike. */
function collidingNames(): [string, string] {
  const seen = new Map<string, string>();
  for (let i = 0; ; i++) {
    const short = md5Start(key(`n${i}`));
    const known = seen.get(short);
    if (known !== undefined) return [known, `n${i}`];
    seen.set(short, `n${i}`);
  }
}

function md5Start(text: string): string {
  return createHash('md5').update(text, 'latin1').digest('hex').slice(0, 4);
}

describe('going on with a merge that was cut off', () => {
  const go = async (path: string): Promise<void> => {
    const repository = mergeParts(path);
    try {
      await settleMerge(repository, { fresh: false, plain: false }, listen());
    } finally {
      await repository.git.close();
    }
  };
  const interrupted = (ours: File, theirs: File): string => {
    const { path } = prepare(nothing, x(ours), x(theirs));
    attempt('git', ['merge', '--no-edit', 'refs/remotes/origin/main'], path);
    return path;
  };

  it.each([
    ['locked files', locked('A'), locked('B')],
    ['unlocked files', unlocked('A'), unlocked('B')],
    ['a locked and a plain file', locked('A'), plain('text\n')],
    ['an unlocked and a plain file', unlocked('A'), plain('one\ntwo\n')],
  ])('resolves what git left: %s', async (_, ours, theirs) => {
    const path = interrupted(ours, theirs);
    await go(path);
    expect(run('git', ['log', '-1', '--format=%s'], path)).toBe('git-annex automatic merge conflict fix');
    expect(run('git', ['status', '--short'], path)).toBe('');
  });

  it.each([
    ['added to', (text: string) => `${text}mine\n`],
    ['resolved by hand', () => 'mine\n'],
    ['shortened', (text: string) => text.replace('two\n', '')],
  ])('leaves a file alone that the user has %s', async (_, edit) => {
    const path = interrupted(unlocked('A'), plain('one\ntwo\n'));
    const file = join(path, 'x');
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
    const before = readFileSync(file, 'utf8');
    await expect(go(path)).rejects.toMatchObject({ code: 'merge-conflict' });
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(run('git', ['diff', '--name-only', '--diff-filter=U'], path)).toBe('x');
  });
});
