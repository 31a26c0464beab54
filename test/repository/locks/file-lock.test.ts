import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { type LockKind, isFileLocked, tryFileLock } from '../../../src/repository/locks/file-lock.js';
import { refusePidLock } from '../../../src/repository/locks/pid-lock.js';
import { waitForFileLock } from '../../../src/repository/locks/wait-for-lock.js';
import { newFolder, removeFolder } from '../git/temporary-repository.js';

const script = fileURLToPath(new URL('posix-lock.pl', import.meta.url));
const kinds: LockKind[] = ['shared', 'exclusive'];
let folder: string;
let path: ByteString;

beforeEach(() => {
  folder = newFolder();
  path = `${folder}/some.lck` as ByteString;
});
afterEach(() => removeFolder(folder));

/** Another program that holds the lock until ended. */
async function hold(kind: LockKind): Promise<{ end(): Promise<void> }> {
  const child: ChildProcess = spawn('perl', [script, 'hold', kind, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (child.stdout !== null) await once(child.stdout, 'data');
  return {
    async end() {
      child.stdin?.end();
      await once(child, 'close');
    },
  };
}

const tryAsOther = (kind: LockKind): string =>
  execFileSync('perl', [script, 'try', kind, path]).toString().trim();

describe('file locks', () => {
  it('exclude classic fcntl locks of another program in both directions, shared ones excepted', async () => {
    for (const theirs of kinds) {
      for (const ours of kinds) {
        const compatible = theirs === 'shared' && ours === 'shared';
        const other = await hold(theirs);
        const mine = tryFileLock(path, ours);
        expect(mine !== undefined).toBe(compatible);
        expect(isFileLocked(path)).toBe(true);
        mine?.release();
        await other.end();
        expect(isFileLocked(path)).toBe(false);
        const first = tryFileLock(path, ours);
        expect(tryAsOther(theirs)).toBe(compatible ? 'got' : 'busy');
        first?.release();
        expect(tryAsOther(theirs)).toBe('got');
      }
    }
  });

  it('exclude each other within this process, and survive closing another descriptor of the file', () => {
    const one = tryFileLock(path, 'exclusive');
    expect(one).toBeDefined();
    expect(tryFileLock(path, 'shared')).toBeUndefined();
    expect(isFileLocked(path)).toBe(true);
    expect(tryAsOther('shared')).toBe('busy');
    one?.release();
    one?.release();
    const two = tryFileLock(path, 'shared');
    const three = tryFileLock(path, 'shared');
    two?.release();
    expect(tryFileLock(path, 'exclusive')).toBeUndefined();
    three?.release();
  });

  it('leave the file with the permissions git-annex gives, in folders made as needed', () => {
    const deep = `${folder}/annex/deep/x.lck` as ByteString;
    tryFileLock(deep, 'exclusive')?.release();
    expect(statSync(deep).mode & 0o777).toBe(0o666 & ~process.umask());
    const group = `${folder}/annex/group.lck` as ByteString;
    tryFileLock(group, 'shared', { mode: 0o664 })?.release();
    expect(statSync(group).mode & 0o777).toBe(0o664);
    expect(tryFileLock(`${folder}/none` as ByteString, 'exclusive', { create: false })).toBeUndefined();
    expect(isFileLocked(`${folder}/none` as ByteString)).toBe(false);
    expect(existsSync(`${folder}/none`)).toBe(false);
  });

  it('are not taken on a file that its holder deleted', async () => {
    const first = tryFileLock(path, 'exclusive');
    const waiting = waitForFileLock(path, 'exclusive', { timeout: 5000 });
    setTimeout(() => first?.unlinkAndRelease(), 20);
    const second = await waiting;
    expect(existsSync(path)).toBe(true);
    expect(tryAsOther('exclusive')).toBe('busy');
    second.unlinkAndRelease();
    expect(existsSync(path)).toBe(false);
  });

  it('wait, give up after a time, and stop when told', async () => {
    const other = await hold('exclusive');
    await expect(waitForFileLock(path, 'shared', { timeout: 30 })).rejects.toMatchObject({ code: 'locked' });
    const abort = new AbortController();
    const aborted = waitForFileLock(path, 'shared', { signal: abort.signal });
    setTimeout(() => abort.abort(), 10);
    await expect(aborted).rejects.toMatchObject({ code: 'interrupted' });
    await expect(waitForFileLock(path, 'shared', { signal: abort.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
    let waits = 0;
    const patient = waitForFileLock(path, 'exclusive', { onWait: () => waits++ });
    await other.end();
    (await patient).release();
    expect(waits).toBe(1);
  });

  it('serve many waiters one at a time', async () => {
    let holders = 0;
    let served = 0;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const lock = await waitForFileLock(path, 'exclusive');
        expect(++holders).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        holders--;
        served++;
        lock.release();
      }),
    );
    expect(served).toBe(20);
  });

  it('say in one sentence why they cannot be taken', () => {
    writeFileSync(`${folder}/file`, '');
    expect(() => tryFileLock(`${folder}/file/x.lck` as ByteString, 'exclusive')).toThrow(
      /could not be locked/,
    );
    chmodSync(folder, 0o555);
    expect(() => refusePidLock({ bool: () => true })).toThrow(/annex\.pidlock/);
    expect(refusePidLock({ bool: () => false })).toBeUndefined();
  });
});
