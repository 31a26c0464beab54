import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { attempt, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { buildFilterProgram } from './program.js';

let program: Awaited<ReturnType<typeof buildFilterProgram>>;
let sandbox: Sandbox;
const { PATH } = process.env;
beforeAll(async () => {
  program = await buildFilterProgram('git');
  process.env.PATH = `${program.folder}:${PATH}`;
});
afterAll(() => {
  process.env.PATH = PATH;
  program.remove();
});
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.remove());

const CALL = '"$(command -v git-annex-ts || echo git-annex)"';

/** An annex whose filters and hooks run this program. */
function annex(name: string, process = true): string {
  const path = sandbox.annex(name);
  useOurs(path, process);
  return path;
}

function useOurs(path: string, process = true): void {
  run('git', ['config', 'filter.annex.smudge', `${CALL} smudge -- %f`], path);
  run('git', ['config', 'filter.annex.clean', `${CALL} smudge --clean -- %f`], path);
  if (process) run('git', ['config', 'filter.annex.process', `${CALL} filter-process`], path);
  else run('git', ['config', '--unset', 'filter.annex.process'], path);
  for (const [hook, command] of [
    ['pre-commit', 'pre-commit .'],
    ['post-checkout', 'smudge --update'],
    ['post-merge', 'smudge --update'],
    ['post-receive', 'post-receive'],
  ] as const) {
    writeFileSync(join(path, '.git/hooks', hook), `#!/bin/sh\nexec git-annex-ts ${command}\n`, {
      mode: 0o755,
    });
  }
}

let seconds = 1_600_000_000;

/** Files are dated back: git would filter those again that changed in the moment it wrote its index. */
function add(path: string, name: string, content: string): string {
  writeFileSync(join(path, name), content);
  seconds++;
  utimesSync(join(path, name), seconds, seconds);
  run('git', ['add', '--', name], path);
  return staged(path, name);
}

const staged = (path: string, name: string) =>
  attempt('git', ['cat-file', 'blob', `:0:${name}`], path).stdout;
const POINTER = /^\/annex\/objects\/\S+\n$/;

test.each([true, false])(
  "git add follows git-annex's rules, and git-annex agrees with what was taken (process: %s)",
  (process) => {
    const path = annex('a', process);
    const config = (name: string, value?: string) =>
      attempt('git', ['config', ...(value === undefined ? ['--unset', name] : [name, value])], path);
    expect(add(path, 'plain', 'aaa')).toBe('aaa');
    run('git', ['annex', 'add', '-q', '--force-large', '-c', 'annex.addunlocked=true', 'plain'], path);
    writeFileSync(join(path, 'unlocked'), 'bbb');
    run('git', ['annex', 'add', '-q', '-c', 'annex.addunlocked=true', 'unlocked'], path);
    run('git', ['commit', '-qm', 'one'], path);
    expect(add(path, 'unlocked', 'changed')).toBe(
      `/annex/objects/SHA256E-s7--${run('sh', ['-c', 'printf changed | sha256sum'], path).slice(0, 64)}\n`,
    );
    config('annex.largefiles', 'anything');
    expect(add(path, 'new.txt', 'ccc')).toMatch(/^\/annex\/objects\/SHA256E-s3--[0-9a-f]{64}\.txt\n$/);
    expect(add(path, 'empty', '')).toMatch(POINTER);
    expect(add(path, '.dot', 'ddd')).toBe('ddd');
    config('annex.dotfiles', 'true');
    expect(add(path, '.dot2', 'ddd')).toMatch(POINTER);
    config('annex.gitaddtoannex', 'false');
    expect(add(path, 'refused', 'eee')).toBe('eee');
    expect(add(path, 'unlocked', 'changed again')).toMatch(POINTER);
    config('annex.largefiles');
    config('annex.gitaddtoannex');
    run('git', ['commit', '-qm', 'two'], path);
    run('git', ['mv', 'new.txt', 'moved.txt'], path);
    run('git', ['rm', '-q', '--cached', 'moved.txt'], path);
    run('git', ['add', 'moved.txt'], path);
    expect(staged(path, 'moved.txt')).toMatch(POINTER);
    run('git', ['commit', '-qm', 'three'], path);
    expect(run('git', ['status', '--short'], path)).toBe('');
    run('git', ['annex', 'fsck', '-q'], path);
    expect(run('git', ['annex', 'find', '--in=here'], path).split('\n').sort()).toEqual([
      '.dot2',
      'empty',
      'moved.txt',
      'unlocked',
    ]);
  },
  60_000,
);

test('backends: attribute, setting, secure ones only', () => {
  const path = annex('a');
  run('git', ['config', 'annex.largefiles', 'anything'], path);
  writeFileSync(join(path, '.gitattributes'), '*.md annex.backend=MD5\n');
  expect(add(path, 'a.md', 'x')).toBe('/annex/objects/MD5-s1--9dd4e461268c8034f5c8564e155c67a6\n');
  run('git', ['config', 'annex.backend', 'WORM'], path);
  expect(add(path, 'b.c', 'x')).toMatch(/^\/annex\/objects\/WORM-s1-m\d+--b\.c\n$/);
  run('git', ['commit', '-qm', 'x'], path);
  run('git', ['annex', 'fsck', '-q'], path);
  run('git', ['config', 'annex.securehashesonly', 'true'], path);
  expect(add(path, 'c.md', 'y')).toBe('y');
});

test('largefiles by size and name, in git config, attributes and the settings of all clones', () => {
  const path = annex('a');
  run('git', ['annex', 'config', '--set', 'annex.largefiles', 'largerthan=3b'], path);
  expect([add(path, 'small', 'abc'), add(path, 'large', 'abcd')]).toEqual([
    'abc',
    expect.stringMatching(POINTER),
  ]);
  run('git', ['config', 'annex.largefiles', 'include=*.bin and smallerthan=1kb'], path);
  expect([add(path, 'x.bin', 'a'), add(path, 'y.bin', 'a'.repeat(2000)), add(path, 'z', 'a')]).toEqual([
    expect.stringMatching(POINTER),
    'a'.repeat(2000),
    'a',
  ]);
  run('git', ['config', '--unset', 'annex.largefiles'], path);
  writeFileSync(join(path, '.gitattributes'), '*.md annex.largefiles=anything\n');
  expect(add(path, 'a.md', 'a')).toMatch(POINTER);
  run('git', ['config', 'annex.largefiles', 'nonsense('], path);
  expect(add(path, 'kept', 'content')).toBe('content');
});

test('names of any bytes, contents of any size', () => {
  const path = annex('a');
  run('git', ['config', 'annex.largefiles', 'anything'], path);
  const names = ['-dash', ' space ', 'new\nline', '"quote\'', '*', 'ä\u0001', 'x'.repeat(255)];
  for (const name of names) writeFileSync(join(path, name), name);
  writeFileSync(Buffer.from(`${path}/\xff\xfe.bin`, 'latin1'), 'latin');
  const big = Buffer.alloc(20 << 20, 'big file ');
  writeFileSync(join(path, 'big'), big);
  writeFileSync(join(path, 'at the limit'), Buffer.alloc(8 << 20));
  run('git', ['-c', 'core.bigFileThreshold=1m', 'add', '-A'], path);
  run('git', ['commit', '-qm', 'x'], path);
  const blobs = run('git', ['ls-files', '-s', '-z'], path).split('\0').filter(Boolean);
  for (const line of blobs)
    expect(run('git', ['cat-file', 'blob', line.slice(7, 47)], path)).toMatch(
      /^\/annex\/objects\/SHA256E-s\d+--/,
    );
  expect(blobs).toHaveLength(names.length + 3);
  expect(staged(path, 'big')).toContain(run('sha256sum', ['big'], path).slice(0, 64));
  run('git', ['annex', 'fsck', '-q'], path);
  expect(run('find', ['.git/annex/othertmp', '-type', 'f'], path)).toBe('');
}, 60_000);

test('content for git passes through whole, small or large', () => {
  const path = annex('a');
  const big = Buffer.alloc((20 << 20) + 3, 'plain ');
  writeFileSync(join(path, 'big'), big);
  writeFileSync(join(path, 'small'), 'small');
  run('git', ['add', '.'], path);
  expect(run('git', ['cat-file', '-s', ':big'], path)).toBe(String(big.length));
  expect(run('sh', ['-c', 'git cat-file blob :big | cmp - big'], path)).toBe('');
  run('git', ['commit', '-qm', 'x'], path);
  rmSync(join(path, 'big'));
  run('git', ['checkout', '.'], path);
  expect(readFileSync(join(path, 'big')).equals(big)).toBe(true);
}, 60_000);

test('an unmodified unlocked file is recognised without taking it again', () => {
  const path = annex('a');
  run('git', ['config', 'annex.largefiles', 'anything'], path);
  const before = add(path, 'file', 'content');
  run('git', ['commit', '-qm', 'x'], path);
  run('git', ['config', 'annex.backend', 'MD5E'], path);
  run('git', ['rm', '-q', '--cached', 'file'], path);
  run('git', ['add', 'file'], path);
  expect(staged(path, 'file')).toBe(before);
  run('touch', ['-d', '2001-01-01', 'file'], path);
  run('git', ['add', 'file'], path);
  expect(staged(path, 'file')).toMatch(/MD5E/);
});

test('a checkout fills what is here, by the hooks after it', () => {
  const source = annex('source');
  run('git', ['config', 'annex.largefiles', 'anything'], source);
  add(source, 'one', 'content');
  mkdirSync(join(source, 'dir'));
  add(source, 'dir/two', 'zwei');
  run('git', ['commit', '-qm', 'x'], source);
  run('git', ['checkout', '-q', '-b', 'other'], source);
  run('git', ['rm', '-qr', 'one', 'dir'], source);
  run('git', ['commit', '-qm', 'removed'], source);
  run('git', ['checkout', '-q', 'main'], source);
  expect([
    readFileSync(join(source, 'one'), 'latin1'),
    readFileSync(join(source, 'dir/two'), 'latin1'),
  ]).toEqual(['content', 'zwei']);
  expect(run('git', ['status', '--short'], source)).toBe('');
  expect(readFileSync(join(source, '.git/annex/smudge.log'), 'latin1')).toBe('');
  run('git', ['annex', 'merge', '-q'], source);
  const clone = join(sandbox.directory, 'clone');
  run('git', ['clone', '-q', source, clone], sandbox.directory);
  run('git', ['annex', 'init', '-q'], clone);
  useOurs(clone);
  run('git', ['checkout', '-q', '-f', 'origin/main'], clone);
  expect(readFileSync(join(clone, 'one'), 'latin1')).toMatch(POINTER);
  run('git', ['annex', 'get', '-q', 'one'], clone);
  expect(readFileSync(join(clone, 'one'), 'latin1')).toBe('content');
}, 30_000);

test('locked files that were moved lead to their content in the commit', () => {
  const path = annex('a');
  writeFileSync(join(path, 'file'), 'content');
  run('git', ['annex', 'add', '-q', 'file'], path);
  symlinkSync('nowhere', join(path, 'link'));
  run('git', ['add', 'link'], path);
  run('git', ['commit', '-qm', 'x'], path);
  const target = readlinkSync(join(path, 'file'));
  mkdirSync(join(path, 'deep/er'), { recursive: true });
  run('git', ['mv', 'file', 'deep/er/file'], path);
  run('git', ['mv', 'link', 'deep/link'], path);
  const { stderr } = attempt('git', ['commit', '-m', 'moved'], path);
  expect(stderr).toContain('fix deep/er/file ok\n(recording state in git...)\n');
  expect(readlinkSync(join(path, 'deep/er/file'))).toBe(`../../${target}`);
  expect(run('git', ['cat-file', 'blob', 'HEAD:deep/er/file'], path)).toBe(`../../${target}`);
  expect(readlinkSync(join(path, 'deep/link'))).toBe('nowhere');
  expect(run('git', ['status', '--short'], path)).toBe('');
  run('git', ['mv', 'deep/er/file', 'deep/file'], path);
  run('git', ['commit', '-qm', 'partly', 'deep/file', 'deep/er/file'], path);
  expect(run('git', ['cat-file', 'blob', 'HEAD:deep/file'], path)).toBe(`../${target}`);
  expect(run('git', ['annex', 'fsck', '-q', 'deep'], path)).toBe('');
});

test('the pre-commit command can prevent a commit', () => {
  const path = annex('a');
  run('git', ['config', 'annex.pre-commit-command', 'false'], path);
  add(path, 'file', 'x');
  expect(attempt('git', ['commit', '-qm', 'x'], path).status).toBe(1);
  run('git', ['config', 'annex.pre-commit-command', 'true'], path);
  expect(attempt('git', ['commit', '-qm', 'x'], path).status).toBe(0);
  writeFileSync(join(path, '.git/hooks/pre-commit-annex'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  run('git', ['config', '--unset', 'annex.pre-commit-command'], path);
  add(path, 'file', 'y');
  expect(attempt('git', ['commit', '-qm', 'y'], path).status).toBe(1);
});

test('a push is merged where it arrives', () => {
  const source = annex('source');
  writeFileSync(join(source, 'file'), 'content');
  run('git', ['annex', 'add', '-q', 'file'], source);
  run('git', ['commit', '-qm', 'x'], source);
  const clone = join(sandbox.directory, 'clone');
  run('git', ['clone', '-q', source, clone], sandbox.directory);
  run('git', ['annex', 'init', '-q', 'the clone'], clone);
  const uuid = run('git', ['config', 'annex.uuid'], clone);
  run('git', ['annex', 'get', '-q', 'file'], clone);
  const { stderr } = attempt('git', ['push', 'origin', 'git-annex:synced/git-annex'], clone);
  expect(stderr).toContain('remote: (merging synced/git-annex into git-annex...)');
  const log = run('git', ['show', 'git-annex:uuid.log'], source);
  expect(log).toContain(`${uuid} the clone timestamp=`);
  expect(run('git', ['annex', 'whereis', 'file'], source)).toContain('(2 copies)');
  const again = run('git-annex-ts', ['post-receive'], source);
  expect(again).toBe('');
});

test('executable and private bits of a file stay with its content', () => {
  const path = annex('a');
  run('git', ['config', 'annex.largefiles', 'anything'], path);
  writeFileSync(join(path, 'tool'), '#!/bin/sh\n', { mode: 0o755 });
  run('git', ['add', 'tool'], path);
  expect(run('git', ['ls-files', '-s', 'tool'], path)).toMatch(/^100755/);
  const object = run('git', ['annex', 'contentlocation', staged(path, 'tool').slice(15, -1)], path);
  expect((statSync(join(path, object)).mode & 0o777).toString(8)).toBe('555');
  chmodSync(join(path, 'tool'), 0o644);
  run('git', ['commit', '-qam', 'x'], path);
  run('git', ['annex', 'fsck', '-q'], path);
});

test('without arguments, and without a repository', () => {
  const path = annex('a');
  const missing = attempt('git-annex-ts', ['smudge'], path);
  expect([missing.status, missing.stderr]).toEqual([
    1,
    'Missing: (FILE | --update)\n\nUsage: git-annex smudge (FILE [--clean] | --update)\n',
  ]);
  const nowhere = attempt('git-annex-ts', ['smudge', '--clean', '--', 'x'], sandbox.directory);
  expect([nowhere.status, nowhere.stderr]).toEqual([1, 'git-annex: Not in a git repository.\n']);
  expect(existsSync(join(sandbox.directory, '.git'))).toBe(false);
});
