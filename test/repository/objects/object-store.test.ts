import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SafeDropProof } from '../../../src/domain/drop-proof.js';
import { symlinkTarget } from '../../../src/domain/pointers.js';
import type { Key } from '../../../src/domain/key.js';
import { parseKey } from '../../../src/domain/key.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { nativeLocks } from '../../../src/repository/locks/fs-extensions.js';
import type { ObjectStore } from '../../../src/repository/objects/object-store.js';
import { openObjectStore } from '../../../src/repository/objects/open-object-store.js';
import { openSettings } from '../../../src/repository/settings/open-settings.js';
import { attempt, bytes, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.remove());

/** @param onEmptying called when the work tree files of a content are emptied */
async function openStore(path: string, version = 10, onEmptying?: () => void): Promise<ObjectStore> {
  const bare = existsSync(join(path, 'HEAD'));
  const settings = await openSettings({ directory: bytes(path), workTree: undefined });
  return openObjectStore({
    commonDir: bytes(bare ? path : join(path, '.git')),
    bare,
    version,
    settings,
    tryLock: (file, shared) => nativeLocks().tryLock(file, 0, 0, { shared }),
    unlocked: {
      populate: async () => {},
      async depopulate() {
        onEmptying?.();
        return true;
      },
    },
  });
}

const proofFor = (key: Key, expires?: number) => ({ key, expires, copies: [] }) as unknown as SafeDropProof;
const keyOf = (path: string, file: string) => parseKey(run('git', ['annex', 'lookupkey', file], path)) as Key;
const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);

function addFile(path: string, name: string, content: string): Key {
  writeFileSync(join(path, name), content);
  run('git', ['annex', 'add', '-q', name], path);
  return keyOf(path, name);
}

/** A file of the work tree taken over as `add` does it, in a repository of ours. */
async function admitFile(path: string, store: ObjectStore, name: string, content: string): Promise<Key> {
  const key = parseKey(run('git', ['annex', 'calckey', name], path, '')) ?? undefined;
  if (key === undefined) throw new Error('no key');
  const partial = store.tmpPath(key);
  writeFileSync(partial, content);
  await store.admit(key, partial);
  return key;
}

test.each([undefined, 'group', 'all', '0640', '0660', '0600'])(
  'admits as git-annex does with core.sharedRepository %s',
  async (sharing) => {
    for (const version of [10, 8]) {
      const path = sandbox.annex(`v${version}`, `--version=${version}`);
      run('git', ['config', 'annex.autoupgraderepository', 'false'], path);
      if (sharing !== undefined) run('git', ['config', 'core.sharedRepository', sharing], path);
      const theirs = addFile(path, 'theirs', 'content');
      writeFileSync(join(path, 'ours'), 'other content');
      const store = await openStore(path, version);
      const key = await admitFile(path, store, 'ours', 'other content');
      const [object, model] = [store.locate(key) as string, store.locate(theirs) as string];
      let [ours, expected]: [string, string] = [object, model];
      for (let level = 0; level < 5; level++) {
        expect([level, mode(ours)]).toEqual([level, mode(expected)]);
        [ours, expected] = [dirname(ours), dirname(expected)];
      }
    }
  },
);

test('git-annex sees, checks and drops what was admitted; mtime is kept', async () => {
  const path = sandbox.annex('a');
  const store = await openStore(path);
  writeFileSync(join(path, 'file'), 'hello\n');
  const key = parseKey(run('git', ['annex', 'calckey', 'file'], path)) as Key;
  const partial = store.tmpPath(key);
  writeFileSync(partial, 'hello\n');
  utimesSync(partial, 1000, 2000);
  await store.admit(key, partial);
  await store.barrier();
  expect(existsSync(partial)).toBe(false);
  expect(statSync(store.locate(key) as string).mtimeMs).toBe(2_000_000);
  run('git', ['annex', 'add', '-q', 'file'], path);
  expect(readFileSync(join(path, 'file'), 'latin1')).toBe('hello\n');
  run('git', ['annex', 'fsck', '-q'], path);
  run('git', ['annex', 'drop', '-q', '--force', 'file'], path);
  expect(store.locate(key)).toBeUndefined();
});

test('admitting what is present deletes the source and keeps the content', async () => {
  const path = sandbox.annex('a');
  const key = addFile(path, 'file', 'hello');
  const store = await openStore(path);
  const inode = statSync(store.locate(key) as string).ino;
  writeFileSync(store.tmpPath(key), 'hello');
  await store.admit(key, store.tmpPath(key));
  expect(existsSync(store.tmpPath(key))).toBe(false);
  expect(statSync(store.locate(key) as string).ino).toBe(inode);
  await store.admit(key, store.locate(key) as ByteString);
  expect(store.locate(key)).toBeDefined();
});

test('a bare repository uses the lower case directories and finds both', async () => {
  const path = join(sandbox.directory, 'bare');
  run('git', ['init', '-q', '--bare', path], sandbox.directory);
  run('git', ['annex', 'init', '-q'], path);
  const source = sandbox.annex('a');
  const key = addFile(source, 'file', 'hello');
  run('git', ['commit', '-qm', 'x'], source);
  run('git', ['remote', 'add', 'bare', path], source);
  run('git', ['annex', 'copy', '-q', '--to', 'bare', 'file'], source);
  const store = await openStore(path);
  expect(store.locate(key)).toBe(store.pathFor(key));
  expect(store.pathFor(key)).toMatch(/\/annex\/objects\/[0-9a-f]{3}\/[0-9a-f]{3}\//);
  const mixed = (await openStore(source)).pathFor(key).replace(`${source}/.git`, path);
  mkdirSync(dirname(mixed), { recursive: true });
  chmodSync(dirname(store.pathFor(key)), 0o755);
  run('mv', [store.pathFor(key), mixed], path);
  expect(store.locate(key)).toBe(mixed);
  mkdirSync(dirname(store.pathFor(key)), { recursive: true });
  writeFileSync(store.pathFor(key), 'hello');
  const lock = store.lockExclusive(key);
  await store.remove(key, proofFor(key));
  lock?.release();
  expect([existsSync(mixed), store.locate(key)]).toEqual([false, undefined]);
});

test.each([10, 8])('locks hold back git-annex, and its own are respected (version %i)', async (version) => {
  const path = sandbox.annex('a', `--version=${version}`);
  run('git', ['config', 'annex.autoupgraderepository', 'false'], path);
  const key = addFile(path, 'file', 'hello');
  const store = await openStore(path, version);
  const first = store.lockShared(key);
  const second = store.lockShared(key);
  expect(first && second).toBeDefined();
  expect(store.lockExclusive(key)).toBeUndefined();
  expect(attempt('git', ['annex', 'drop', '--force', 'file'], path).status).toBe(1);
  first?.release();
  first?.release();
  expect(attempt('git', ['annex', 'drop', '--force', 'file'], path).status).toBe(1);
  second?.release();
  const sole = store.lockExclusive(key);
  expect(sole).toBeDefined();
  expect(store.lockShared(key)).toBeUndefined();
  expect(attempt('git', ['annex', 'drop', '--force', 'file'], path).status).toBe(1);
  sole?.release();
  const object = store.locate(key) as string;
  expect([existsSync(`${object}.lck`), mode(object), mode(dirname(object))]).toEqual([false, '444', '555']);
  run('git', ['annex', 'drop', '--force', 'file'], path);
  expect([store.lockShared(key), store.lockExclusive(key)]).toEqual([undefined, undefined]);
});

test('content kept for a client of the network is not dropped until its time has passed', async () => {
  const path = sandbox.annex('a');
  const key = addFile(path, 'file', 'hello');
  const store = await openStore(path);
  const object = store.locate(key) as string;
  const retain = (until: number) => {
    chmodSync(dirname(object), 0o755);
    writeFileSync(`${object}.rtm`, `${until}.5s`);
    writeFileSync(`${object}.rtl`, '');
  };
  retain(Date.now() / 1000 + 100);
  expect(store.lockExclusive(key)).toBeUndefined();
  expect(store.lockShared(key)).toBeDefined();
  retain(Date.now() / 1000 - 100);
  const fresh = await openStore(path);
  expect(fresh.lockExclusive(key)).toBeUndefined();
});

test.each([10, 8])(
  'removes content with a proof under its lock, and the directories (version %i)',
  async (version) => {
    const path = sandbox.annex('a', `--version=${version}`);
    run('git', ['config', 'annex.autoupgraderepository', 'false'], path);
    const key = addFile(path, 'file', 'hello');
    const store = await openStore(path, version);
    await expect(store.remove(key, proofFor(key))).rejects.toMatchObject({ code: 'internal' });
    const lock = store.lockExclusive(key);
    await expect(store.remove(key, proofFor('X--y' as Key))).rejects.toMatchObject({
      code: 'copies-insufficient',
    });
    await expect(store.remove(key, proofFor(key, performance.now() - 1))).rejects.toMatchObject({
      code: 'copies-insufficient',
    });
    expect(store.locate(key)).toBeDefined();
    await store.remove(key, proofFor(key));
    lock?.release();
    expect(store.locate(key)).toBeUndefined();
    expect(run('find', [join(path, '.git/annex/objects'), '-mindepth', '1'], path)).toBe('');
    await expect(store.remove(key, proofFor(key))).rejects.toMatchObject({ code: 'internal' });
  },
);

test('quarantine moves bad content where git-annex puts it', async () => {
  const path = sandbox.annex('a');
  const key = addFile(path, 'file', 'hello');
  const store = await openStore(path);
  const bad = store.quarantine(key);
  expect(bad).toBe(join(path, '.git/annex/bad', key));
  expect(readFileSync(bad, 'latin1')).toBe('hello');
  expect(run('find', [join(path, '.git/annex/objects'), '-mindepth', '1'], path)).toBe('');
  expect(() => store.quarantine(key)).toThrow(expect.objectContaining({ code: 'content-missing' }));
});

test('keys lists what is present and nothing else', async () => {
  const path = sandbox.annex('a');
  const keys = ['one', 'two', 'three'].map((name) => addFile(path, name, name));
  writeFileSync(join(path, '.git/annex/objects/stray'), '');
  mkdirSync(join(path, '.git/annex/objects/00/00/NOT_A_KEY'), { recursive: true });
  mkdirSync(join(path, '.git/annex/objects/00/00/SHA1--absent'), { recursive: true });
  const found: Key[] = [];
  for await (const key of (await openStore(path)).keys()) found.push(key);
  expect(found.sort()).toEqual([...keys].sort());
});

test('the reserve is what annex.diskreserve says', async () => {
  const path = sandbox.annex('a');
  expect(() => undefined).not.toThrow();
  (await openStore(path)).reserve(1000);
  run('git', ['config', 'annex.diskreserve', '1000 petabytes'], path);
  const store = await openStore(path);
  expect(() => store.reserve(1)).toThrow(
    expect.objectContaining({
      code: 'disk-reserve',
      message: expect.stringMatching(/^not enough free space, need [0-9.]+ PB more \(use --force/),
    }),
  );
});

test('freeze and thaw commands run with the path in quotes', async () => {
  const path = sandbox.annex('a');
  const log = join(sandbox.directory, 'log');
  run('git', ['config', 'annex.freezecontent-command', `echo freeze %path >> ${log}`], path);
  run('git', ['config', 'annex.thawcontent-command', `echo thaw %path >> ${log}`], path);
  const store = await openStore(path);
  const key = parseKey("WORM-s1-m1--it's $(touch pwned) x") as Key;
  writeFileSync(store.tmpPath(key), 'x');
  await store.admit(key, store.tmpPath(key));
  const object = store.pathFor(key);
  expect(readFileSync(log, 'latin1')).toBe(`freeze ${store.tmpPath(key)}\nfreeze ${dirname(object)}\n`);
  expect(existsSync(join(process.cwd(), 'pwned'))).toBe(false);
});

test('a link of the work tree leads to admitted content with odd bytes in its name', async () => {
  const path = sandbox.annex('a');
  const store = await openStore(path);
  const key = parseKey('WORM-s1-m1--a%b/c:d&e\xff\xe9') as Key;
  writeFileSync(Buffer.from(store.tmpPath(key), 'latin1'), 'x');
  await store.admit(key, store.tmpPath(key));
  symlinkSync(Buffer.from(symlinkTarget(key, bytes('link')), 'latin1'), join(path, 'link'));
  expect(readFileSync(join(path, 'link'), 'latin1')).toBe('x');
  run('git', ['add', 'link'], path);
  run('git', ['annex', 'fsck', '-q', 'link'], path);
  expect(store.locate(key)).toBeDefined();
});

test('empties work tree files while the content is still there, so that a removal cut short is taken up again', async () => {
  const path = sandbox.annex('emptied');
  const key = addFile(path, 'file', 'content');
  const seen: boolean[] = [];
  const store = await openStore(path, 10, () => seen.push(store.locate(key) !== undefined));
  const lock = store.lockExclusive(key);
  await store.remove(key, proofFor(key));
  lock?.release();
  expect(seen).toEqual([true]);
  expect(store.locate(key)).toBe(undefined);
});

test('takes no key without a secure hash where annex.securehashesonly forbids it', async () => {
  const path = sandbox.annex('secure');
  run('git', ['config', 'annex.securehashesonly', 'true'], path);
  const store = await openStore(path);
  const key = parseKey(bytes('WORM-s2-m1700000000--w')) as Key;
  const file = store.tmpPath(key);
  writeFileSync(file, 'w\n');
  const blocked = 'annex.securehashesonly blocked adding WORM key to annex objects';
  await expect(store.admit(key, file)).rejects.toThrow(blocked);
  expect(store.locate(key)).toBeUndefined();
});
