import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalName, journalPath } from '../../../src/repository/branch/journal-names.js';
import { annex, git, newFolder, newRepository, removeFolder } from '../git/temporary-repository.js';
import { type OpenedBranch, all, append, b, branchFiles, newAnnex, openBranch } from './branch-fixture.js';

let folder: string;
let opened: OpenedBranch[];

beforeEach(() => {
  folder = newFolder();
  opened = [];
});
afterEach(async () => {
  for (const { git: each } of opened) await each.close();
  removeFolder(folder);
});

function open(...args: Parameters<typeof openBranch>): OpenedBranch['branch'] {
  const one = openBranch(...args);
  opened.push(one);
  return one.branch;
}

const journalFiles = (): string[] => readdirSync(`${folder}/.git/annex/journal`);
const log = (...args: string[]): string[] =>
  git(folder, 'log', '--format=%s', ...args, 'refs/heads/git-annex')
    .trim()
    .split('\n');

describe('journal names', () => {
  it('are git-annex names and lead back to the path', () => {
    expect(journalName(b('817/6f5/WORM-s3-m5--a_b.log'))).toBe('817_6f5_WORM-s3-m5--a__b.log');
    // A part of a path that starts with an underscore cannot be told from one that ends with it; keys never do.
    const part = fc.stringMatching(/^[a-zA-Z0-9.&%-][a-zA-Z0-9_.&%\x80-\xff-]{0,20}$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const path = b(parts.join('/'));
        expect(journalPath(journalName(path))).toBe(path);
      }),
    );
  });
});

describe('a branch made by git-annex', () => {
  beforeEach(() => newAnnex(folder, 'here'));

  it('is read, changed and committed so that git-annex goes on from it', async () => {
    const branch = open(folder);
    const before = branchFiles(folder);
    expect(await branch.read(b('uuid.log'))).toBe(before.get('uuid.log'));
    expect(await branch.read(b('none.log'))).toBe('');
    await branch.change([
      { path: b('abc/def/SHA256-s1--x_y.log'), change: append('1s 1 somewhere') },
      { path: b('uuid.log'), change: (content) => content },
    ]);
    expect(journalFiles()).toEqual(['abc_def_SHA256-s1--x__y.log']);
    expect(await branch.read(b('abc/def/SHA256-s1--x_y.log'))).toBe('1s 1 somewhere\n');
    expect(await branch.commit()).toBe(true);
    expect(await branch.commit()).toBe(false);
    expect(journalFiles()).toEqual([]);
    expect(log()[0]).toBe('update');
    expect(branchFiles(folder)).toEqual(
      new Map([...before, ['abc/def/SHA256-s1--x_y.log', '1s 1 somewhere\n']]),
    );
    annex(folder, 'describe', 'here', 'renamed');
    expect(branchFiles(folder).get('abc/def/SHA256-s1--x_y.log')).toBe('1s 1 somewhere\n');
    expect(await branch.read(b('uuid.log'))).toContain('renamed');
    git(folder, 'fsck', '--strict');
  });

  it('keeps removed lines removed when git-annex commits next, since its index follows', async () => {
    const branch = open(folder);
    await branch.change([{ path: b('x.log'), change: append('old') }]);
    await branch.commit();
    annex(folder, 'numcopies', '2');
    await branch.change([{ path: b('x.log'), change: () => b('new\n') }]);
    await branch.commit();
    annex(folder, 'numcopies', '3');
    expect(branchFiles(folder).get('x.log')).toBe('new\n');
    expect(readFileSync(`${folder}/.git/annex/index.lck`, 'latin1')).toBe(
      git(folder, 'rev-parse', 'refs/heads/git-annex'),
    );
  });

  it('shares the journal with git-annex in both directions', async () => {
    writeFileSync(`${folder}/f`, 'content');
    annex(folder, 'add', '-q', 'f');
    const key = annex(folder, 'lookupkey', 'f').trim();
    const branch = open(folder);
    annex(folder, 'setpresentkey', key, '11111111-2222-4333-8444-555555555555', '1');
    expect(journalFiles().length).toBe(1);
    const path = journalPath(b(journalFiles()[0] as string));
    expect(await branch.read(path)).toContain('11111111');
    await branch.change([{ path, change: append('9s 1 99999999-2222-4333-8444-555555555555') }]);
    expect(annex(folder, 'whereis', 'f')).toContain('3 copies');
    annex(folder, 'setpresentkey', key, '77777777-2222-4333-8444-555555555555', '1');
    await branch.commit();
    expect(annex(folder, 'whereis', 'f')).toContain('4 copies');
  });

  it('reads many and all, journal included, each once', async () => {
    const branch = open(folder);
    const paths = Array.from({ length: 1500 }, (_, i) =>
      b(`${(i % 16).toString(16).repeat(3)}/abc/k${i}.log`),
    );
    await branch.change(paths.slice(0, 1000).map((path) => ({ path, change: append(`in ${path}`) })));
    await branch.commit();
    await branch.change(paths.slice(900).map((path) => ({ path, change: append(`again ${path}`) })));
    const expected = paths.map((path, i) => ({
      path,
      content: `${i < 1000 ? `in ${path}\n` : ''}${i >= 900 ? `again ${path}\n` : ''}`,
    }));
    expect(await all(branch.readMany([...paths, b('none')]))).toEqual([
      ...expected,
      { path: 'none', content: '' },
    ]);
    const found = await all(branch.readAll((path) => path.includes('/k')));
    expect(found.length).toBe(1500);
    expect(new Map(found.map(({ path, content }) => [path, content]))).toEqual(
      new Map(expected.map(({ path, content }) => [path, content])),
    );
    expect((await all(branch.readAll(() => true))).length).toBe(1501);
    await branch.commit();
    expect((await all(branch.readAll((path) => path.includes('/k')))).length).toBe(1500);
  });

  it('appends as git-annex does with annex.alwayscompact=false, and neither counts a line that was cut off', async () => {
    const loose = ['-c', 'annex.alwayscommit=false', '-c', 'annex.alwayscompact=false'];
    const key = 'WORM-s1-m1--x';
    const urls = () => annex(folder, 'whereis', ...loose.slice(0, 2), '--key', key).match(/http:.*/g);
    for (const name of ['a', 'b']) annex(folder, 'registerurl', ...loose, key, `http://h/${name}`);
    const name = journalFiles().find((one) => one.endsWith('.log.web')) as string;
    const path = journalPath(b(name));
    const file = `${folder}/.git/annex/journal/${name}`;
    appendFileSync(file, '1795300000s 1 http://h/cut');
    const whole = readFileSync(file, 'latin1').replace(/.*cut$/, '');
    expect(urls()).toEqual(['http://h/a', 'http://h/b']);

    const compact = open(folder);
    expect(await compact.read(path)).toBe(whole);
    const branch = open(folder, {
      config: { 'annex.alwayscommit': 'false', 'annex.alwayscompact': 'false' },
    });
    const ours = (url: string) => {
      const lines = b(`1795300001s 1 ${url}\n`);
      return branch.change([{ path, change: () => b('not asked for'), lines }]);
    };
    await ours('http://h/c');
    await ours('http://h/d');
    expect(readFileSync(file, 'latin1')).toBe(`${whole}1795300001s 1 http://h/c\n1795300001s 1 http://h/d\n`);
    annex(folder, 'registerurl', ...loose, key, 'http://h/e');
    expect(urls()).toEqual(['a', 'b', 'c', 'd', 'e'].map((one) => `http://h/${one}`));
    appendFileSync(file, '1795300000s 1 http://h/cut');
    await compact.commit();
    expect(branchFiles(folder).get(path)?.split('\n')).toHaveLength(6);
    expect(branchFiles(folder).get(path)).not.toContain('cut');
  });

  it('joins what a push brought into journal files written before it', async () => {
    const branch = open(folder);
    await branch.change([
      { path: b('x.log'), change: append('one') },
      { path: b('y.log'), change: append('one') },
    ]);
    await branch.commit();
    await branch.change([
      { path: b('x.log'), change: append('mine') },
      { path: b('y.log'), change: () => b('replaced\n') },
    ]);
    const blob = (await opened[0]?.git.writeBlob(b('one\npushed\n'))) as string;
    const tip = (await branch.tip()) as string;
    const env = { GIT_INDEX_FILE: `${folder}/.git/pushed` };
    await opened[0]?.git.run(['read-tree', tip], { env });
    await opened[0]?.git.run(['update-index', '--add', '--cacheinfo', `100644,${blob},x.log`], { env });
    const tree =
      git(folder, 'cat-file', '-p', tip) &&
      ((await opened[0]?.git.run(['write-tree'], { env }))?.stdout.trim() as string);
    const commit = git(folder, 'commit-tree', tree, '-p', tip, '-m', 'pushed').trim();
    git(folder, 'update-ref', 'refs/heads/git-annex', commit);
    await branch.commit();
    expect(branchFiles(folder).get('x.log')).toBe('mine\none\npushed\n');
    expect(branchFiles(folder).get('y.log')).toBe('replaced\n');
  });

  it('takes any journal file, but commits only what a tree can hold', async () => {
    const branch = open(folder);
    const garbage = '\0\xff\n\n not a log \r\n';
    writeFileSync(`${folder}/.git/annex/journal/uuid.log`, Buffer.from(garbage, 'latin1'));
    for (const name of ['_rooted', 'a_.._b', 'x_', '.git_config'])
      writeFileSync(`${folder}/.git/annex/journal/${name}`, 'bad');
    mkdirSync(`${folder}/.git/annex/journal/folder.log`);
    expect(await branch.read(b('uuid.log'))).toBe(garbage);
    await branch.commit();
    expect(branchFiles(folder).get('uuid.log')).toBe(garbage);
    expect([...branchFiles(folder).keys()]).toEqual(['uuid.log']);
    expect(await branch.commit()).toBe(false);
    git(folder, 'fsck', '--strict');
    for (const path of ['..', '', 'a//b', '../x', 'a/./b', 'nul\0', '.git/config', 'x/']) {
      await expect(branch.change([{ path: b(path), change: append('x') }])).rejects.toMatchObject({
        code: 'internal',
      });
    }
    expect(existsSync(`${folder}/.git/x`)).toBe(false);
  });

  it('keeps what is about private repositories out of the branch', async () => {
    const uuid = '33333333-2222-4333-8444-555555555555';
    const branch = open(folder, { isPrivate: (one) => one === uuid });
    const path = b('abc/def/KEY.log');
    const other = '44444444-2222-4333-8444-555555555555';
    const about = (which: string) => ({ path, change: append(`1s 1 ${which}`), about: which as never });
    await branch.change([about(uuid), about(other)]);
    await branch.commit();
    expect(branchFiles(folder).get(path)).toBe(`1s 1 ${other}\n`);
    expect(await branch.read(path)).toBe(`1s 1 ${uuid}\n1s 1 ${other}\n`);
    expect((await all(branch.readAll((each) => each === path))).map(({ content }) => content)).toEqual([
      `1s 1 ${uuid}\n1s 1 ${other}\n`,
    ]);
    expect(readdirSync(`${folder}/.git/annex/journal-private`)).toEqual(['abc_def_KEY.log']);
  });

  it('commits with the message that was set', async () => {
    const branch = open(folder, { config: { 'annex.commitmessage': 'caf\xc3\xa9' } });
    await branch.change([{ path: b('x.log'), change: append('1') }]);
    await branch.commit();
    await branch.change([{ path: b('x.log'), change: append('2') }]);
    await branch.commit('given');
    expect(log().slice(0, 2)).toEqual(['given', 'caf\xc3\xa9']);
    const commands = open(folder, {
      config: {
        'annex.commitmessage-command': 'echo "in $(pwd)"',
        'annex.post-update-command': 'echo >>updated',
      },
    });
    await commands.change([{ path: b('x.log'), change: append('3') }]);
    expect(existsSync(`${folder}/updated`)).toBe(false);
    await commands.commit();
    expect(log()[0]).toBe(`in ${folder}`);
    expect(readFileSync(`${folder}/updated`, 'latin1')).toBe('\n');
    writeFileSync(`${folder}/.git/hooks/commitmessage-annex`, '#!/bin/sh\necho from the hook\n', {
      mode: 0o755,
    });
    await commands.change([{ path: b('x.log'), change: append('4') }]);
    await commands.commit();
    expect(log()[0]).toBe('from the hook');
  });
});

describe('a repository without the branch', () => {
  it('gets one as git-annex makes it, empty or from origin', async () => {
    newRepository(folder);
    git(folder, 'config', 'user.name', 'T');
    git(folder, 'config', 'user.email', 't@example.com');
    const branch = open(folder);
    expect(await branch.tip()).toBeUndefined();
    expect(await branch.read(b('uuid.log'))).toBe('');
    expect(await all(branch.readAll(() => true))).toEqual([]);
    await branch.create();
    expect(log()).toEqual(['branch created']);
    expect(git(folder, 'rev-parse', 'refs/heads/git-annex^{tree}').trim()).toBe(
      '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
    );
    await branch.change([{ path: b('uuid.log'), change: append('u here timestamp=1s') }]);
    await branch.commit();
    const clone = `${folder}/clone`;
    git(folder, 'clone', '-q', folder, clone);
    const second = open(clone);
    expect(await second.read(b('uuid.log'))).toBe('u here timestamp=1s\n');
    await second.create();
    expect(await second.tip()).toBe(await branch.tip());
  });
});
