import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openScratch } from '../../src/operations/add/scratch.js';
import { openRepository } from '../../src/operations/open-repository.js';
import { attempt, bytes, createSandbox, run, type Sandbox } from '../support/annex-repository.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.remove());

const uuidOf = (path: string) => attempt('git', ['config', 'annex.uuid'], path).stdout.trimEnd();

function gitRepository(name: string): string {
  const path = join(sandbox.directory, name);
  run('git', ['init', '-q', '-b', 'main', path], sandbox.directory);
  return path;
}

test('says what is missing: a repository, or an annex', async () => {
  await expect(openRepository(bytes('/'))).rejects.toMatchObject({ code: 'not-a-repository' });
  const path = gitRepository('plain');
  await expect(openRepository(bytes(path))).rejects.toMatchObject({
    code: 'not-initialized',
    message: 'First run: git-annex init',
  });
  expect(uuidOf(path)).toBe('');
});

test('a clone of an annex is initialised silently, unless that is not wanted', async () => {
  const source = sandbox.annex('source');
  const clone = join(sandbox.directory, 'clone');
  run('git', ['clone', '-q', source, clone], sandbox.directory);
  await expect(openRepository(bytes(clone), { autoInit: false })).rejects.toMatchObject({
    code: 'not-initialized',
  });
  const opened = await openRepository(bytes(clone));
  await opened.close();
  expect(opened.uuid).toBe(uuidOf(clone));
  const log = run('git', ['show', 'git-annex:uuid.log'], clone);
  expect(log).toContain(uuidOf(source));
  expect(log).toContain(`${opened.uuid} `);
  run('git', ['annex', 'info', '--fast'], clone);
});

test('a lost version is not guessed', async () => {
  const path = sandbox.annex('a');
  run('git', ['config', '--unset', 'annex.version'], path);
  const error = {
    code: 'unsupported-repository',
    message: expect.stringContaining('annex.version is not set'),
  };
  await expect(openRepository(bytes(path))).rejects.toMatchObject(error);
});

test('GIT_DIR names the first repository of a process and no further one', async () => {
  const [first, second] = [sandbox.annex('first'), sandbox.annex('second')];
  process.env.GIT_DIR = join(first, '.git');
  process.env.GIT_WORK_TREE = first;
  const one = await openRepository(bytes(sandbox.directory));
  const two = await openRepository(bytes(second));
  expect([one.uuid, two.uuid]).toEqual([uuidOf(first), uuidOf(second)]);
  expect(process.env.GIT_DIR).toBeUndefined();
  await one.close();
  await two.close();
});

test('found from a folder below; journalled changes are committed by close unless told not to', async () => {
  const path = sandbox.annex('a');
  mkdirSync(join(path, 'deep/er'), { recursive: true });
  const tip = () => run('git', ['rev-parse', 'git-annex'], path);
  const change = async (options: { commit?: boolean }, text: string) => {
    const opened = await openRepository(bytes(join(path, 'deep/er')), options);
    await opened.branch.change([
      { path: bytes('test.log'), change: (content) => bytes(`${content}${text}\n`) },
    ]);
    await opened.close();
    await opened.close();
  };
  const before = tip();
  await change({ commit: false }, '1');
  run('git', ['config', 'annex.alwayscommit', 'false'], path);
  await change({}, '2');
  expect(tip()).toBe(before);
  run('git', ['config', 'annex.alwayscommit', 'true'], path);
  await change({}, '3');
  expect(run('git', ['show', 'git-annex:test.log'], path)).toBe('1\n2\n3');
});

test('what a killed process left on its way is cleared away, unless somebody is at work', async () => {
  const path = sandbox.annex('a');
  const [first, second] = [await openRepository(bytes(path)), await openRepository(bytes(path))];
  const scratch = await openScratch(first.annexDir, new AbortController().signal);
  writeFileSync(scratch.name(), 'in use');
  writeFileSync(join(path, '.git/annex/othertmp/left'), '');
  await second.close();
  expect(existsSync(join(path, '.git/annex/othertmp/left'))).toBe(true);
  scratch.release();
  await first.close();
  expect(existsSync(join(path, '.git/annex/othertmp'))).toBe(false);
});

test('settings that cannot be understood are named', async () => {
  const path = sandbox.annex('a');
  run('git', ['config', 'annex.pidlock', 'perhaps'], path);
  await expect(openRepository(bytes(path))).rejects.toMatchObject({
    code: 'invalid-setting',
    message: expect.stringContaining('annex.pidlock'),
  });
  writeFileSync(join(path, '.git/config'), '[garbage\n', { flag: 'a' });
  await expect(openRepository(bytes(path))).rejects.toMatchObject({ code: 'git-failed' });
});
