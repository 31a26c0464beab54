import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../../../src/lib/bytes.js';
import { fileId, parseKernelLocks, readKernelLocks } from '../../../src/repository/locks/kernel-locks.js';
import { commandOf, positionIn } from '../../../src/repository/locks/processes.js';
import { parseTransferInfo, readTransfers } from '../../../src/repository/transfers/read-transfers.js';
import { openSteering } from '../../../src/repository/transfers/steering.js';
import { key } from '../../remotes/wrappers/scripted-remote.js';
import { holdLock } from '../../support/locks.js';

let folder: string;
const annexDir = () => fromText(folder);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'annex-ts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the kernel’s list of locks', () => {
  it('is read with its owners and those who wait', () => {
    const text = [
      '6: POSIX  ADVISORY  WRITE 30341 fe:00:4297415 0 EOF',
      '6: -> POSIX  ADVISORY  WRITE 30399 fe:00:4297415 0 EOF',
      '7: OFDLCK ADVISORY  READ -1 08:02:17 0 EOF',
      'nonsense',
    ].join('\n');
    expect(parseKernelLocks(text)).toEqual([
      { file: 'fe:00:4297415', pid: 30341, waiting: false },
      { file: 'fe:00:4297415', pid: 30399, waiting: true },
      { file: '08:02:17', pid: undefined, waiting: false },
    ]);
    fc.assert(fc.property(fc.string(), (any) => void parseKernelLocks(any)));
  });

  it('names files as the file system does', async () => {
    const path = join(folder, 'x.lck');
    const holder = await holdLock(path);
    const id = fileId(fromText(path)) as string;
    expect(readKernelLocks()?.holders(id)).toHaveLength(1);
    await holder.release();
    expect(readKernelLocks()?.holders(id)).toEqual([]);
  });
});

it('sees how far another process has read a file', async () => {
  const path = join(folder, 'content');
  writeFileSync(path, 'x'.repeat(1000));
  const script =
    'const fs = require("fs"); const fd = fs.openSync(process.argv[1]); fs.readSync(fd, Buffer.alloc(300)); console.log(1); setInterval(() => {}, 1000);';
  const child = spawn(process.execPath, ['-e', script, path]);
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(positionIn(child.pid as number, fromText(path))).toBe(300);
    expect(commandOf(child.pid as number).at(-1)).toBe(path);
  } finally {
    child.kill();
  }
  expect(positionIn(process.pid, fromText(path))).toBeUndefined();
});

it('reads info files, and never fails on others', () => {
  const info = (text: string) => parseTransferInfo(text as ByteString);
  expect(info('1795297705.421123864s\nf2\n')).toEqual({
    started: expect.closeTo(1795297705421.12),
    bytes: undefined,
    file: 'f2',
  });
  expect(info('1795297705s 5001\na\nb\n')).toEqual({ started: 1795297705000, bytes: 5001, file: 'a\nb' });
  expect(info('junk')).toEqual({ started: undefined, bytes: undefined, file: undefined });
  fc.assert(fc.property(fc.string(), (any) => void info(any)));
});

it('tells live transfers from stale ones by their lock, touching none', async () => {
  const here = join(folder, 'transfer/download/some-uuid');
  mkdirSync(here, { recursive: true });
  for (const name of ['live', 'stale']) writeFileSync(join(here, key(name)), `1795297705s\n${name}\n`);
  writeFileSync(join(here, 'tmp123'), 'half');
  const holder = await holdLock(join(here, `lck.${key('live')}`));
  const found = [...readTransfers(annexDir(), readKernelLocks())].map(({ info, live }) => [info?.file, live]);
  expect(found).toEqual([
    ['live', true],
    ['stale', false],
  ]);
  await holder.release();
  expect([...readTransfers(annexDir(), readKernelLocks())].some(({ live }) => live)).toBe(false);
});

it('keeps what the user asked for: pauses stay, a cancellation is for what runs', () => {
  mkdirSync(join(folder, 'annex-ts/transfers/pause'), { recursive: true });
  mkdirSync(join(folder, 'annex-ts/transfers/cancel'), { recursive: true });
  const steering = openSteering(annexDir());
  const uuid = 'some-uuid' as Parameters<typeof steering.paused>[0];
  expect(steering.paused(uuid)).toBe(false);
  steering.pause({ uuid });
  steering.pause({ key: key('a:b/c') });
  expect([steering.paused(uuid), steering.paused('other' as typeof uuid)]).toEqual([true, false]);
  expect(steering.pausedKey(key('a:b/c'))).toBe(true);
  expect(steering.pauses()).toEqual([{ key: key('a:b/c') }, { uuid }]);
  expect([steering.resume({ uuid }), steering.resume({ uuid })]).toEqual([true, false]);
  steering.pause('all');
  expect(steering.paused('other' as typeof uuid)).toBe(true);
  const began = Date.now() - 1000;
  expect(steering.cancelled(key('k'), began)).toBe(false);
  steering.cancel(key('k'));
  expect(steering.cancelled(key('k'), began)).toBe(true);
  expect(steering.cancelled(key('k'), Date.now() + 60_000)).toBe(false);
  steering.forgetCancel(key('k'));
  expect(steering.cancelled(key('k'), began)).toBe(false);
  expect(readFileSync(join(folder, 'annex-ts/transfers/pause/all'), 'utf8')).toBe('');
});
