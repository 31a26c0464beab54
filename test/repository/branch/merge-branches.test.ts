import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnnexBranch } from '../../../src/repository/branch/annex-branch.js';
import { openAnnexBranch } from '../../../src/repository/branch/open-annex-branch.js';
import { annex, git, newFolder, output, removeFolder } from '../git/temporary-repository.js';
import { type OpenedBranch, append, b, branchFiles, newAnnex, openBranch } from './branch-fixture.js';

let folder: string;
let here: string;
let opened: OpenedBranch[];

beforeEach(() => {
  folder = newFolder();
  here = `${folder}/here`;
  opened = [];
  execFileSync('mkdir', [here]);
  newAnnex(here, 'here');
});
afterEach(async () => {
  for (const { git: each } of opened) await each.close();
  removeFolder(folder);
});

function open(...args: Parameters<typeof openBranch>): AnnexBranch {
  const one = openBranch(...args);
  opened.push(one);
  return one.branch;
}

const ref = 'refs/heads/git-annex';
const tipOf = (repository: string, name = ref): string => git(repository, 'rev-parse', name).trim();
const subjects = (repository: string): string[] =>
  git(repository, 'log', '--format=%s', ref).trim().split('\n');

function cloneOf(name: string): string {
  const clone = `${folder}/${name}`;
  git(folder, 'clone', '-q', here, clone);
  git(clone, 'config', 'user.name', 'T');
  git(clone, 'config', 'user.email', 't@example.com');
  annex(clone, 'init', '-q', name);
  git(here, 'remote', 'add', name, clone);
  return clone;
}

/** Sets whole files of a repository's branch, in a commit of its own. */
async function write(repository: string, files: Record<string, string>): Promise<void> {
  const branch = open(repository);
  await branch.change(
    Object.entries(files).map(([path, content]) => ({ path: b(path), change: () => b(content) })),
  );
  await branch.commit();
}

/** The same merge by git-annex, in a copy. */
function mergedByGitAnnex(repository: string): string {
  const copy = `${folder}/copy-${Math.random()}`;
  cpSync(repository, copy, { recursive: true, verbatimSymlinks: true });
  annex(copy, 'merge');
  return copy;
}

/** Merges here with both programs and compares the trees, parents and messages. */
async function mergeLikeGitAnnex(): Promise<void> {
  git(here, 'fetch', '-q', '--all');
  const copy = mergedByGitAnnex(here);
  await open(here).update();
  expect(branchFiles(here)).toEqual(branchFiles(copy));
  expect(tipOf(here, `${ref}^{tree}`)).toBe(tipOf(copy, `${ref}^{tree}`));
  expect(git(here, 'log', '-1', '--format=%P%n%s%n%an <%ae>', ref)).toBe(
    git(copy, 'log', '-1', '--format=%P%n%s%n%an <%ae>', ref),
  );
  const before = tipOf(here);
  annex(here, 'merge', '-q');
  expect(tipOf(here)).toBe(before);
  git(here, 'fsck', '--strict');
}

describe('merging branches', () => {
  it('fast-forwards', async () => {
    const other = cloneOf('other');
    await write(other, { 'x.log': 'a\n' });
    await mergeLikeGitAnnex();
    expect(tipOf(here)).toBe(tipOf(other));
  });

  it('joins diverged branches of several remotes in one commit like git-annex, byte by byte', async () => {
    const [one, two] = [cloneOf('one'), cloneOf('two')];
    await write(here, {
      'x.log': 'b\na\n',
      'abc/def/k1.log': '1s 1 A\n300s 0 C\n',
      'only/here.log': 'z\na\nz\n',
      'same.log': '1\n',
    });
    await write(one, {
      'x.log': 'b\nc\nb\n',
      'abc/def/k1.log': '2s 0 A\n1s 1 B\n',
      'abc/def/k2.log': '\xff\0\n',
      'same.log': '1\n',
    });
    await write(two, { 'x.log': 'no newline', 'abc/ded/k3.log': 'z\na\nz\n', 'abc/def/k1.log': '1s 1 A\n' });
    git(here, 'fetch', '-q', 'two');
    git(here, 'update-ref', 'refs/heads/synced/git-annex', 'refs/remotes/two/git-annex');
    git(here, 'update-ref', 'refs/elsewhere/git-annex', 'refs/remotes/two/git-annex');
    await mergeLikeGitAnnex();
  });

  it('commits what is journalled first, and again when there is something new', async () => {
    const other = cloneOf('other');
    await write(other, { 'x.log': 'theirs\n' });
    git(here, 'fetch', '-q', 'other');
    const early = open(here);
    await early.change([{ path: b('x.log'), change: append('before the merge') }]);
    await write(other, { 'x.log': 'theirs\nlater\n' });
    git(here, 'fetch', '-q', 'other');
    await early.update();
    expect(await early.read(b('x.log'))).toBe('before the merge\nlater\ntheirs\n');
    expect(subjects(here).slice(0, 2)).toEqual(['merging other/git-annex into git-annex', 'update']);
    expect(annex(here, 'merge')).not.toContain('merging');
  });

  it('makes no commit when nothing changes, and does not try again', async () => {
    const other = cloneOf('other');
    git(here, 'fetch', '-q', 'other');
    await open(here).update();
    await write(here, { 'x.log': 'a\nb\n' });
    await write(other, { 'x.log': 'b\na\n' });
    git(here, 'fetch', '-q', 'other');
    const before = tipOf(here);
    const names: string[][] = [];
    const onMerge = (shown: readonly string[]): void => void names.push([...shown]);
    await open(here, { onMerge }).update();
    await open(here, { onMerge }).update();
    expect(names).toEqual([['other/git-annex']]);
    expect(tipOf(here)).toBe(before);
    expect(readFileSync(`${here}/.git/annex/mergedrefs`, 'latin1')).toContain(
      `${tipOf(other)}\trefs/remotes/other/git-annex\n`,
    );
  });

  it('leaves branches alone where the user wants that, and reads beside ours what cannot be merged', async () => {
    const other = cloneOf('other');
    await write(here, { 'x.log': 'mine\n', 'mine.log': '1\n' });
    await write(other, { 'x.log': 'theirs\n', 'theirs.log': '2\n' });
    git(here, 'fetch', '-q', 'other');
    const before = tipOf(here);
    const unwilling = open(here, { config: { 'annex.merge-annex-branches': 'false' } });
    expect(await unwilling.read(b('x.log'))).toBe('mine\n');
    expect(tipOf(here)).toBe(before);
    // A mount would need root; a lock file that not even root can open is the same to us.
    const annexDir = b(`${folder}/none/annex`);
    execFileSync('sh', [
      '-c',
      `cp -r '${here}/.git/annex' '${folder}/kept' && mkdir '${folder}/none' && ln -s ../file-system '${folder}/none/annex'`,
    ]);
    execFileSync('sh', [
      '-c',
      `mkdir '${folder}/file-system' && ln -s /proc/sys/kernel/ostype '${folder}/file-system/journal.lck'`,
    ]);
    const reader = openBranch(here).git;
    const branch = openAnnexBranch({
      git: reader,
      annexDir,
      settings: { get: () => undefined, bool: (_, fallback) => fallback },
      clock: { now: () => b('1') as never },
    });
    opened.push({ branch, git: reader });
    expect(await branch.read(b('x.log'))).toBe('mine\ntheirs\n');
    const found = new Map<string, string>();
    for await (const { path, content } of branch.readAll((path) => path !== 'uuid.log'))
      found.set(path, content);
    expect(found).toEqual(
      new Map([
        ['mine.log', '1\n'],
        ['theirs.log', '2\n'],
        ['x.log', 'mine\ntheirs\n'],
      ]),
    );
    await expect(branch.change([{ path: b('x.log'), change: append('y') }])).rejects.toMatchObject({
      code: 'permission',
    });
    expect(tipOf(here)).toBe(before);
  });

  it('survives trees in which a file and a folder have the same name', async () => {
    const other = cloneOf('other');
    await write(here, { abc: 'file\n', 'def/x': '1\n' });
    await write(other, { 'abc/x': 'in folder\n', def: 'file\n', 'more.log': '1\n' });
    git(here, 'fetch', '-q', 'other');
    await open(here).update();
    expect(branchFiles(here).get('abc')).toBe('file\n');
    expect(branchFiles(here).get('more.log')).toBe('1\n');
    git(here, 'fsck', '--strict');
  });
});

describe('transitions', () => {
  const key = 'SHA256-s1--x';
  const dead = '11111111-2222-4333-8444-555555555555';

  it('of git-annex are followed: history goes, what is new elsewhere is kept', async () => {
    const other = cloneOf('other');
    await write(here, { 'x.log': 'a\n' });
    git(other, 'fetch', '-q');
    annex(other, 'merge', '-q');
    annex(here, 'forget', '--force');
    await write(other, { 'y.log': 'not yet known here\n' });
    git(other, 'fetch', '-q');
    const branch = open(other);
    await branch.update();
    expect(subjects(other)).toEqual([
      'continuing transition ["forget git history"]',
      'new branch for transition ["forget git history"]',
    ]);
    expect(branchFiles(other).get('y.log')).toBe('not yet known here\n');
    expect(branchFiles(other).get('x.log')).toBe('a\n');
    annex(other, 'merge', '-q');
    expect(subjects(other).length).toBe(2);
    git(here, 'fetch', '-q', 'other');
    await open(here).update();
    expect(tipOf(here)).toBe(tipOf(other));
  });

  it('are not undone by branches from before, whoever made them', async () => {
    const other = cloneOf('other');
    await write(here, { 'x.log': 'a\n' });
    const branch = open(here);
    await branch.forget({ dropDead: false });
    expect(subjects(here)).toEqual(['new branch for transition ["forget git history"]']);
    expect(branchFiles(here).get('transitions.log')).toMatch(/^ForgetGitHistory \d+s\n$/);
    expect(branchFiles(here).get('x.log')).toBe('a\n');
    await write(other, { 'y.log': 'late\n' });
    git(here, 'fetch', '-q', 'other');
    await open(here).update();
    expect(branchFiles(here).get('y.log')).toBe('late\n');
    expect(subjects(here)).toEqual([
      'continuing transition ["forget git history"]',
      'new branch for transition ["forget git history"]',
    ]);
    expect(annex(here, 'merge')).not.toContain('merging');
    git(other, 'fetch', '-q');
    annex(other, 'merge', '-q');
    expect(branchFiles(other)).toEqual(branchFiles(here));
    git(here, 'fetch', '-q', 'other');
    annex(here, 'merge', '-q');
    await open(here).update();
    expect(subjects(here)).not.toContain('branch created');
  });

  it('drop what is known of dead repositories as git-annex does', async () => {
    const other = '22222222-2222-4333-8444-555555555555';
    const uuidLog = branchFiles(here).get('uuid.log') ?? '';
    await write(here, {
      'uuid.log': `${uuidLog}${dead} gone timestamp=1s\n`,
      'group.log': `${dead} backup timestamp=1s\n`,
      'preferred-content.log': `${dead} standard timestamp=1s\n${other} anything timestamp=1s\n`,
      'remote.log': `${dead} name=gone type=directory timestamp=1s\n`,
      'trust.log': `${dead} X timestamp=2s\n${other} 1 timestamp=1s\n`,
      'numcopies.log': '1s 2\n',
    });
    for (const [one, uuid] of [
      [key, dead],
      [key, other],
      ['SHA256-s1--only', dead],
    ] as const) {
      annex(here, 'setpresentkey', one, uuid, '1');
    }
    await open(here).commit();
    const copy = `${folder}/copy`;
    cpSync(here, copy, { recursive: true, verbatimSymlinks: true });
    output(copy, 'git', ['annex', 'forget', '--drop-dead', '--force'], { GIT_ANNEX_VECTOR_CLOCK: '5s' });
    await open(here, { clock: { now: () => b('5') as never } }).forget({ dropDead: true });
    expect(branchFiles(here)).toEqual(branchFiles(copy));
    expect(subjects(here)).toEqual(subjects(copy));
    expect([...branchFiles(here).values()].join('').split(dead).length).toBe(2);
    annex(here, 'numcopies', '3');
    expect([...branchFiles(here).values()].join('').split(dead).length).toBe(2);
  });

  it('of a newer program are refused', async () => {
    const other = cloneOf('other');
    await write(other, { 'transitions.log': 'ForgetEverything 1s\n' });
    git(here, 'fetch', '-q', 'other');
    await expect(open(here).update()).rejects.toMatchObject({ code: 'unsupported-repository' });
  });
});
