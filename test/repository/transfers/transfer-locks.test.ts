import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import { parseKey } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { createPermissions } from '../../../src/repository/objects/permissions.js';
import { openTransferLocks } from '../../../src/repository/transfers/open-transfer-locks.js';
import { attempt, bytes, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.remove());

const open = (repository: string) =>
  openTransferLocks(bytes(join(repository, '.git/annex')), createPermissions('umask', false));

/** A repository with one file, and a clone that lacks its content. */
function clonePair(): { source: string; clone: string; key: Key; uuid: Uuid } {
  const source = sandbox.annex('source');
  writeFileSync(join(source, 'file'), 'hello');
  run('git', ['annex', 'add', '-q', 'file'], source);
  run('git', ['commit', '-qm', 'x'], source);
  const clone = join(sandbox.directory, 'clone');
  run('git', ['clone', '-q', source, clone], sandbox.directory);
  run('git', ['annex', 'init', '-q'], clone);
  const key = parseKey(run('git', ['annex', 'lookupkey', 'file'], clone)) as Key;
  return { source, clone, key, uuid: run('git', ['config', 'annex.uuid'], source) as Uuid };
}

test('git-annex does not start a transfer that we have begun, from this or another remote', () => {
  const { clone, key, uuid } = clonePair();
  for (const other of [uuid, 'elsewhere' as Uuid]) {
    const held = open(clone).begin({ direction: 'download', uuid: other, key }, bytes('file'));
    expect(held).toBeDefined();
    const refused = attempt('git', ['annex', 'get', 'file'], clone);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('transfer already in progress');
    held?.release();
    held?.release();
  }
  run('git', ['annex', 'get', '-q', 'file'], clone);
  expect(
    run('find', [join(clone, '.git/annex/transfer'), '-type', 'f', '-not', '-path', '*/failed/*'], clone),
  ).toBe('');
});

test('each transfer is begun once at a time; uploads to different places side by side', () => {
  const { clone, key, uuid } = clonePair();
  const locks = open(clone);
  const download = locks.begin({ direction: 'download', uuid, key }, undefined);
  expect(open(clone).begin({ direction: 'download', uuid, key }, undefined)).toBeUndefined();
  const upload = locks.begin({ direction: 'upload', uuid, key }, undefined);
  const second = locks.begin({ direction: 'upload', uuid: 'other' as Uuid, key }, undefined);
  expect(upload && second).toBeDefined();
  expect(locks.begin({ direction: 'upload', uuid, key }, undefined)).toBeUndefined();
  for (const held of [download, upload, second]) held?.release();
  const again = locks.begin({ direction: 'download', uuid, key }, undefined);
  expect(again).toBeDefined();
  again?.release();
});

test('git-annex info shows a transfer that takes a while', async () => {
  const { clone, key, uuid } = clonePair();
  const held = open(clone).begin({ direction: 'download', uuid, key }, 'the \xff file' as ByteString);
  await sleep(200);
  const info = JSON.parse(run('git', ['annex', 'info', '--json', '--fast'], clone));
  expect(info['transfers in progress']).toMatchObject([{ transfer: 'download', key, remote: uuid }]);
  const file = join(clone, '.git/annex/transfer/download', uuid, key);
  expect(readFileSync(file, 'latin1')).toMatch(/^\d{10}\.\d{3}s\nthe \xff file\n$/);
  held?.release();
  expect(existsSync(file)).toBe(false);
});

test('a failure is remembered where git-annex looks, and forgotten', () => {
  const { clone, key, uuid } = clonePair();
  const locks = open(clone);
  const transfer = { direction: 'download', uuid, key } as const;
  locks.recordFailure(transfer, bytes('file'));
  run('git', ['annex', 'get', '-q', '--failed'], clone);
  expect(readFileSync(join(clone, 'file'), 'latin1')).toBe('hello');
  locks.recordFailure(transfer, bytes('file'));
  locks.forgetFailure(transfer);
  locks.forgetFailure(transfer);
  expect(existsSync(join(clone, '.git/annex/transfer/failed/download', uuid, key))).toBe(false);
});

test('a hostile uuid does not lead out of the transfer folder, and a key of any length can be moved', () => {
  const { clone, key } = clonePair();
  const locks = open(clone);
  for (const uuid of ['../../../evil', '..', 'a/b'] as Uuid[]) {
    const held = locks.begin({ direction: 'upload', uuid, key }, undefined);
    locks.recordFailure({ direction: 'upload', uuid, key }, undefined);
    held?.release();
  }
  expect(existsSync(join(clone, '.git/evil'))).toBe(false);
  expect(
    run('find', [clone, '-path', '*/transfer/failed/upload/*', '-type', 'f'], clone).split('\n'),
  ).toHaveLength(3);
  const long = parseKey(`WORM-s1-m1--${'x'.repeat(240)}`) as Key;
  expect(locks.begin({ direction: 'download', uuid: 'u' as Uuid, key: long }, undefined)).toBeDefined();
});

test('in a shared repository others may use what is made', () => {
  const { clone, key, uuid } = clonePair();
  const locks = openTransferLocks(bytes(join(clone, '.git/annex')), createPermissions('group', false));
  const held = locks.begin({ direction: 'upload', uuid, key }, undefined);
  const folder = join(clone, '.git/annex/transfer/upload', uuid);
  expect(statSync(folder).mode & 0o777).toBe(0o775);
  expect(statSync(join(folder, `lck.${key}`)).mode & 0o777).toBe(0o664);
  held?.release();
});

test('the lock of a process that was killed is free', async () => {
  const { clone, key, uuid } = clonePair();
  const script = `
    import { openSync } from 'node:fs';
    import { createRequire } from 'node:module';
    const { tryLock } = createRequire(${JSON.stringify(join(process.cwd(), 'package.json'))})('fs-native-extensions');
    tryLock(openSync(process.argv[1], 'w'));
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const transfer = { direction: 'upload', uuid, key } as const;
  const locks = open(clone);
  locks.begin(transfer, undefined)?.release();
  const file = join(clone, '.git/annex/transfer/upload', uuid, `lck.${key}`);
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, file]);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(locks.begin(transfer, undefined)).toBeUndefined();
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  const held = locks.begin(transfer, undefined);
  expect(held).toBeDefined();
  held?.release();
});
