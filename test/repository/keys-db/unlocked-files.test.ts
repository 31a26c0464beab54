import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SafeDropProof } from '../../../src/domain/drop-proof.js';
import type { Key } from '../../../src/domain/key.js';
import { parseKey } from '../../../src/domain/key.js';
import { pointerContent } from '../../../src/domain/pointers.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import type { Repository } from '../../../src/repository/repository.js';
import { attempt, bytes, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.remove());

/** A repository with unlocked files, and a clone in which they are pointers. */
function clonePair(files: Record<string, string>, prepare: (source: string) => void = () => undefined) {
  const source = sandbox.annex('source');
  prepare(source);
  run('git', ['config', 'annex.addunlocked', 'true'], source);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(source, name, '..'), { recursive: true });
    writeFileSync(join(source, name), content);
    run('git', ['annex', 'add', '-q', '--force-large', name], source);
  }
  run('git', ['commit', '-qm', 'x'], source);
  const clone = join(sandbox.directory, 'clone');
  run('git', ['clone', '-q', source, clone], sandbox.directory);
  run('git', ['annex', 'init', '-q'], clone);
  return { source, clone };
}

const keyOf = (path: string, file: string) => parseKey(run('git', ['annex', 'lookupkey', file], path)) as Key;
const read = (...path: string[]) => readFileSync(join(...path), 'latin1');

/** Status as git sees it without any filter: what the index itself says. */
function statusWithoutFilters(path: string): string {
  const off = ['smudge', 'clean', 'process'].flatMap((name) => ['-c', `filter.annex.${name}=`]);
  return run('git', ['--no-optional-locks', ...off, 'status', '--short'], path);
}

async function withRepository<T>(path: string, use: (repository: Repository) => Promise<T>): Promise<T> {
  const repository = await openRepository(bytes(path));
  try {
    return await use(repository);
  } finally {
    await repository.close();
  }
}

async function admit(repository: Repository, key: Key, content: string): Promise<void> {
  const partial = repository.objects.tmpPath(key);
  writeFileSync(partial, content);
  utimesSync(partial, 1_000_000_000, 1_000_000_000);
  await repository.objects.admit(key, partial);
}

async function remove(repository: Repository, key: Key): Promise<void> {
  const lock = repository.objects.lockExclusive(key);
  await repository.objects.remove(key, { key, expires: undefined, copies: [] } as unknown as SafeDropProof);
  lock?.release();
}

test('received content fills its files, git sees no change, git-annex trusts and drops them unread', async () => {
  const { clone } = clonePair({ one: 'content', 'deep/er/two': 'content', other: 'different' });
  const key = keyOf(clone, 'one');
  await withRepository(clone, async (repository) => {
    expect([...(await repository.unlocked.filesOf(key))].sort()).toEqual(['deep/er/two', 'one']);
    await admit(repository, key, 'content');
  });
  expect([read(clone, 'one'), read(clone, 'deep/er/two')]).toEqual(['content', 'content']);
  expect(read(clone, 'other')).toBe(pointerContent(keyOf(clone, 'other')));
  expect(statusWithoutFilters(clone)).toBe('');
  expect(run('git', ['status', '--short'], clone)).toBe('');
  const dropped = run('git', ['annex', 'drop', '--force', 'one'], clone);
  expect(dropped).not.toContain('checksum');
  expect([read(clone, 'one'), read(clone, 'deep/er/two')]).toEqual([
    pointerContent(key),
    pointerContent(key),
  ]);
  expect(run('git', ['status', '--short'], clone)).toBe('');
});

test('a WORM key, which cannot be hashed, is trusted by both sides', async () => {
  const { clone } = clonePair({ one: 'content', two: 'zwei' }, (source) =>
    run('git', ['config', 'annex.backend', 'WORM'], source),
  );
  const [one, two] = [keyOf(clone, 'one'), keyOf(clone, 'two')];
  await withRepository(clone, (repository) => admit(repository, one, 'content'));
  run('git', ['annex', 'drop', '--force', 'one'], clone);
  expect(read(clone, 'one')).toBe(pointerContent(one));
  run('git', ['annex', 'get', '-q', 'two'], clone);
  expect(read(clone, 'two')).toBe('zwei');
  await withRepository(clone, (repository) => remove(repository, two));
  expect(read(clone, 'two')).toBe(pointerContent(two));
  expect(statusWithoutFilters(clone)).toBe('');
});

test('dropped content leaves pointers behind, but what the user changed stays', async () => {
  const { source } = clonePair({ one: 'content', two: 'content', three: 'content' });
  const key = keyOf(source, 'one');
  writeFileSync(join(source, 'two'), 'changed!');
  writeFileSync(join(source, 'three'), 'CONTENT');
  await withRepository(source, async (repository) => {
    expect(await repository.unlocked.unmodified(key, repository.objects.locate(key) as ByteString)).toBe(
      true,
    );
    await remove(repository, key);
  });
  expect([read(source, 'one'), read(source, 'two'), read(source, 'three')]).toEqual([
    pointerContent(key),
    'changed!',
    'CONTENT',
  ]);
  expect(run('git', ['status', '--short'], source)).toBe(' M three\n M two');
  expect(run('git', ['annex', 'find', '--unlocked', '--in=here'], source)).toBe('');
});

test('git-annex gets again what we dropped, and we drop again what it got', async () => {
  const { clone } = clonePair({ one: 'content' });
  const key = keyOf(clone, 'one');
  for (let round = 0; round < 2; round++) {
    run('git', ['annex', 'get', '-q', 'one'], clone);
    expect(read(clone, 'one')).toBe('content');
    await withRepository(clone, (repository) => remove(repository, key));
    expect(read(clone, 'one')).toBe(pointerContent(key));
    expect(run('git', ['status', '--short'], clone)).toBe('');
  }
});

test.each([
  '2001-01-01 00:00:00',
  '2001-01-01 00:00:00.5',
  '2001-01-01 00:00:00.000000001',
  '2001-01-01 00:00:00.050000010',
  '1960-01-01 00:00:00.25',
])('a file of %s is known unread by both sides', async (time) => {
  const source = sandbox.annex('source');
  run('git', ['config', 'annex.addunlocked', 'true'], source);
  writeFileSync(join(source, 'one'), 'content');
  run('touch', ['-d', time, 'one'], source);
  run('git', ['annex', 'add', '-q', 'one'], source);
  run('git', ['commit', '-qm', 'x'], source);
  const key = keyOf(source, 'one');
  await withRepository(source, async ({ unlocked }) => {
    expect(await unlocked.keysInState(bytes(join(source, 'one')))).toEqual([key]);
  });
  await withRepository(source, (repository) => remove(repository, key));
  expect(read(source, 'one')).toBe(pointerContent(key));
});

test('modes stay, with and without annex.thin', async () => {
  const { clone } = clonePair({ plain: 'plain', run: 'run' }, (source) =>
    writeFileSync(join(source, 'run'), 'run', { mode: 0o755 }),
  );
  const modeOf = (name: string) => (statSync(join(clone, name)).mode & 0o777).toString(8);
  chmodSync(join(clone, 'run'), 0o755);
  run('git', ['commit', '-qam', 'executable'], clone);
  run('git', ['config', 'annex.thin', 'true'], clone);
  await withRepository(clone, (repository) => admit(repository, keyOf(clone, 'plain'), 'plain'));
  run('git', ['config', 'annex.thin', 'false'], clone);
  await withRepository(clone, (repository) => admit(repository, keyOf(clone, 'run'), 'run'));
  expect([modeOf('plain'), modeOf('run')]).toEqual(['644', '755']);
  expect([statSync(join(clone, 'plain')).nlink, statSync(join(clone, 'run')).nlink]).toEqual([2, 1]);
  expect(statusWithoutFilters(clone)).toBe('');
  run('git', ['annex', 'fsck', '-q'], clone);
  await withRepository(clone, (repository) => remove(repository, keyOf(clone, 'plain')));
  expect(read(clone, 'plain')).toBe(pointerContent(keyOf(clone, 'plain')));
});

test('a thin object written through its link is not unmodified', async () => {
  const { clone } = clonePair({ plain: 'plain' });
  run('git', ['config', 'annex.thin', 'true'], clone);
  const key = keyOf(clone, 'plain');
  await withRepository(clone, async (repository) => {
    await admit(repository, key, 'plain');
    writeFileSync(join(clone, 'plain'), 'PLAIN');
    expect(await repository.unlocked.unmodified(key, repository.objects.locate(key) as ByteString)).toBe(
      false,
    );
  });
});

test.each([
  ['version 4', ['update-index', '--index-version', '4']],
  ['split', ['update-index', '--split-index']],
  ['untracked cache', ['update-index', '--untracked-cache']],
])('an index of another kind is served too: %s', async (_, command) => {
  const { clone } = clonePair({ one: 'content', 'deep/two': 'zwei' });
  run('git', command, clone);
  await withRepository(clone, (repository) => admit(repository, keyOf(clone, 'one'), 'content'));
  expect(read(clone, 'one')).toBe('content');
  expect(statusWithoutFilters(clone)).toBe('');
  run('git', ['fsck'], clone);
});

test('files that the user has replaced, removed or put behind a symlink are left alone', async () => {
  const { clone } = clonePair({ one: 'content', two: 'content', 'dir/three': 'content' });
  const key = keyOf(clone, 'one');
  const outside = join(sandbox.directory, 'outside');
  renameSync(join(clone, 'dir'), outside);
  symlinkSync(outside, join(clone, 'dir'));
  rmSync(join(clone, 'one'));
  writeFileSync(join(clone, 'two'), 'mine');
  await withRepository(clone, (repository) => admit(repository, key, 'content'));
  expect(read(outside, 'three')).toBe(pointerContent(key));
  expect([existsSync(join(clone, 'one')), read(clone, 'two')]).toEqual([false, 'mine']);
});

test('an edit in the same moment as the index is written is not overlooked', async () => {
  const { clone } = clonePair({ one: 'content' });
  writeFileSync(join(clone, 'note'), 'aaa');
  run('git', ['add', 'note'], clone);
  const { atime, mtime } = statSync(join(clone, '.git/index'));
  await withRepository(clone, (repository) => admit(repository, keyOf(clone, 'one'), 'content'));
  writeFileSync(join(clone, 'note'), 'bbb');
  utimesSync(join(clone, 'note'), atime, mtime);
  expect(run('git', ['status', '--short'], clone)).toContain('AM note');
});

test('while the index is locked the files wait in restage.log, for either program', async () => {
  const { clone } = clonePair({ one: 'content', two: 'zwei' });
  writeFileSync(join(clone, '.git/index.lock'), '');
  await withRepository(clone, (repository) => admit(repository, keyOf(clone, 'one'), 'content'));
  expect(read(clone, '.git/annex/restage.log')).toMatch(/^\d+ 7 1000000000 :one\n$/);
  rmSync(join(clone, '.git/index.lock'));
  await withRepository(clone, (repository) => admit(repository, keyOf(clone, 'two'), 'zwei'));
  expect(statusWithoutFilters(clone)).toBe('');
}, 30_000);

test('what a run that was killed has filled and emptied, the next one tells git and the database', async () => {
  const { clone } = clonePair({ one: 'content', two: 'zwei' }, (source) =>
    run('git', ['config', 'annex.backend', 'WORM'], source),
  );
  const [one, two] = [keyOf(clone, 'one'), keyOf(clone, 'two')];
  run('git', ['annex', 'get', '-q', 'two'], clone);
  // Not closed before the next one is open: nothing but the files themselves was written.
  const killed = await openRepository(bytes(clone));
  await admit(killed, one, 'content');
  await remove(killed, two);
  expect(statusWithoutFilters(clone)).toBe(' M one\n M two');
  await withRepository(clone, async ({ unlocked }) => {
    expect(await unlocked.keysInState(bytes(join(clone, 'one')))).toEqual([one]);
    expect(statusWithoutFilters(clone)).toBe('');
  });
  expect(existsSync(join(clone, '.git/annex/restage.log'))).toBe(false);
  await killed.close();
  expect(run('git', ['annex', 'drop', '--force', 'one'], clone)).toContain('drop one ok');
  expect([read(clone, 'one'), read(clone, 'two')]).toEqual([pointerContent(one), pointerContent(two)]);
}, 30_000);

test('without unlocked files no database is made', async () => {
  const path = sandbox.annex('locked');
  writeFileSync(join(path, 'plain'), 'a plain file that is in git, longer than a pointer');
  const off = ['-c', 'filter.annex.process=', '-c', 'filter.annex.clean='];
  run('git', [...off, 'add', 'plain'], path);
  await withRepository(path, async (repository) => {
    const key = parseKey('WORM-s1-m1--x') as Key;
    await admit(repository, key, 'x');
    await remove(repository, key);
  });
  expect(existsSync(join(path, '.git/annex/keysdb'))).toBe(false);
});

test('a damaged database costs no content', async () => {
  const { clone } = clonePair({ one: 'content' });
  run('git', ['annex', 'get', '-q', 'one'], clone);
  writeFileSync(join(clone, '.git/annex/keysdb/db'), 'garbage');
  const key = keyOfIndex(clone, 'one');
  await withRepository(clone, (repository) => remove(repository, key));
  expect(read(clone, 'one')).toBe(pointerContent(key));
});

function keyOfIndex(path: string, file: string): Key {
  return parseKey(run('git', ['show', `:${file}`], path).replace('/annex/objects/', '')) as Key;
}

test('in a linked work tree its own files are filled', async () => {
  const { clone } = clonePair({ one: 'content' });
  const tree = join(sandbox.directory, 'tree');
  run('git', ['worktree', 'add', '-q', tree], clone);
  await withRepository(tree, (repository) => admit(repository, keyOf(tree, 'one'), 'content'));
  expect(read(tree, 'one')).toBe('content');
  expect(statusWithoutFilters(tree)).toBe('');
  expect(attempt('git', ['annex', 'fsck', 'one'], tree).status).toBe(0);
});

test('a repository of SHA-256 objects', async () => {
  const path = join(sandbox.directory, 'sha256');
  run('git', ['init', '-q', '--object-format=sha256', path], sandbox.directory);
  const key = parseKey('SHA256-s7--ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73') as Key;
  writeFileSync(join(path, 'one'), pointerContent(key));
  run('git', ['-c', 'user.name=T', '-c', 'user.email=t@x', 'add', 'one'], path);
  run('git', ['config', 'annex.uuid', 'some-uuid'], path);
  run('git', ['config', 'annex.version', '10'], path);
  await withRepository(path, (repository) => admit(repository, key, 'content'));
  expect(read(path, 'one')).toBe('content');
  expect(lstatSync(join(path, 'one')).isFile()).toBe(true);
  expect(run('git', ['-c', 'core.attributesfile=/dev/null', 'diff', '--stat'], path)).toBe('');
});
