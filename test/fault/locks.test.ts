import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { annexFolder, censusOf, keyFor, listing, objectPath, readIfThere } from '../support/census.js';
import { expectSound } from '../support/judge.js';
import { type Holder, holdLock, isLockFree } from '../support/locks.js';
import { copyPair, makePair } from '../support/pair.js';
import { createScene, must, type Repository, type Running, type Scene } from '../support/scene.js';
import { locationsOf } from '../support/twins.js';

const KEY = keyFor('one\n');
const THIRD = '11111111-2222-4333-8444-555555555555';
/** Long enough for a program that does not wait to be done. */
const A_WHILE = 1500;
/** Big enough to be caught while it is sent. */
const BIG = Buffer.alloc(96 << 20, 'big ');
const BIG_KEY = keyFor(BIG);

let scene: Scene;
let here: Repository;
let origin: Repository;
let holders: Holder[] = [];
let count = 0;

beforeAll(() => {
  scene = createScene();
  makePair(scene, ['one', 'two'], ['one']);
});
afterAll(() => scene.remove());
beforeEach(() => {
  ({ here, origin } = copyPair(scene, `case-${count++}`));
});
afterEach(async () => {
  for (const holder of holders) await holder.release();
  holders = [];
});

async function hold(path: string, kind?: 'shared' | 'exclusive'): Promise<Holder> {
  mkdirSync(dirname(path), { recursive: true });
  const holder = await holdLock(path, kind);
  holders.push(holder);
  return holder;
}

const uuidOf = (repository: Repository) => repository.git('config', 'annex.uuid');

describe('a lock that others hold for a moment', () => {
  test.each([
    ['journal.lck', ['setpresentkey', KEY, THIRD, '1']],
    ['journal.lck', ['get', 'two']],
    ['journal.lck', ['add', 'new']],
    ['journal.lck', ['describe', 'here', 'x']],
    ['gitqueue.lck', ['add', 'new']],
  ])('%s: %j waits for it, then does its work', async (lock, args) => {
    here.write('new', 'new\n');
    const head = here.git('rev-parse', 'git-annex');
    const holder = await hold(join(annexFolder(here), lock));
    const running = scene.start('ours', args, here.path, { input: '' });
    await sleep(A_WHILE);
    expect(running.child.exitCode, 'waits').toBeNull();
    if (lock === 'journal.lck') expect(here.git('rev-parse', 'git-annex')).toBe(head);
    else expect(here.git('ls-files', 'new')).toBe('');
    await holder.release();
    must(await running.ended, `${args}`);
    if (args[0] === 'setpresentkey') expect(locationsOf(here).get(KEY)).toContain(THIRD);
    if (args[0] === 'add') expect(here.git('ls-files', 'new')).toBe('new');
    expectSound(here, { dirty: true });
  });

  test('reading waits for nobody', async () => {
    for (const lock of ['journal.lck', 'gitqueue.lck', 'smudge.lck', 'restage.lck', 'move.lck']) {
      await hold(join(annexFolder(here), lock));
    }
    for (const args of [['whereis'], ['find'], ['lookupkey', 'one'], ['numcopies']]) {
      here.must('ours', ...args);
    }
  });
});

describe('content that others use', () => {
  const lockOf = (repository: Repository) => {
    const path = objectPath(repository, KEY);
    if (path === undefined) throw new Error('no object');
    return `${path}.lck`;
  };

  test.each(['shared', 'exclusive'] as const)('is not dropped or moved (%s lock)', async (kind) => {
    scene.run('chmod', ['u+w', dirname(lockOf(here))], here.path);
    const holder = await hold(lockOf(here), kind);
    for (const args of [
      ['drop', 'one'],
      ['drop', '--force', 'one'],
      ['move', '--to', 'origin', 'one'],
    ]) {
      const { status, stdout, stderr } = here.ours(...args);
      expect(status, `${args}`).toBe(1);
      expect(stdout + stderr, `${args}`).toMatch(/locked/);
      expect(censusOf(here).intact).toContain(KEY);
    }
    await holder.release();
    here.must('ours', 'drop', 'one');
    expectSound(here);
  });

  test('in a remote that somebody drops just now does not count as a copy', async () => {
    scene.run('chmod', ['u+w', dirname(lockOf(origin))], here.path);
    const holder = await hold(lockOf(origin), 'exclusive');
    expect(here.ours('drop', 'one').status).toBe(1);
    expect(censusOf(here).intact).toContain(KEY);
    expect(here.ours('drop', '--from', 'origin', 'one').status).toBe(1);
    expect(censusOf(origin).intact).toContain(KEY);
    await holder.release();
    here.must('ours', 'drop', 'one');
    expectSound(here);
    expectSound(origin);
  });

  test('locked over the P2P protocol is not dropped until it is unlocked', async () => {
    const talk = scene.start('real', [], here.path, { under: shell(here, THIRD) });
    const answers = answersOf(talk);
    talk.child.stdin?.write(`VERSION 1\nLOCKCONTENT ${KEY}\n`);
    await answers.until('SUCCESS');
    expect(here.ours('drop', 'one').status).toBe(1);
    expect(here.ours('drop', '--force', 'one').status).toBe(1);
    expect(censusOf(here).intact).toContain(KEY);
    talk.child.stdin?.end('UNLOCKCONTENT\n');
    await talk.ended;
    here.must('ours', 'drop', 'one');
    expectSound(here);
  });

  test('locked by a connection that was cut is kept until the time it was promised', async () => {
    const talk = scene.start('real', [], here.path, { under: shell(here, THIRD) });
    const answers = answersOf(talk);
    talk.child.stdin?.write(`VERSION 1\nLOCKCONTENT ${KEY}\n`);
    await answers.until('SUCCESS');
    talk.child.kill('SIGKILL');
    await talk.ended;
    const retention = lockOf(here).replace(/\.lck$/, '.rtm');
    expect(Number.parseFloat(readFileSync(retention, 'latin1'))).toBeGreaterThan(Date.now() / 1000);
    expect(here.ours('drop', 'one').status).toBe(1);
    expect(here.ours('move', '--to', 'origin', 'one').status).toBe(1);
    expect(origin.ours('version').status).toBe(0);
    scene.run('chmod', ['-R', 'u+w', dirname(retention)], here.path);
    writeFileSync(retention, `${Date.now() / 1000 - 10}s`);
    here.must('ours', 'drop', 'one');
    expect(existsSync(dirname(retention))).toBe(false);
    expectSound(here);
  });

  test('locks left by killed programs are in nobody’s way', () => {
    scene.run('chmod', ['u+w', dirname(lockOf(here))], here.path);
    writeFileSync(lockOf(here), '');
    for (const lock of ['journal.lck', 'gitqueue.lck', 'othertmp.lck', 'keysdb.lck', 'move.lck']) {
      writeFileSync(join(annexFolder(here), lock), '');
    }
    here.must('ours', 'drop', 'one');
    here.must('ours', 'get', 'one');
    expectSound(here);
  });

  test.each([
    ['ours', 'ours'],
    ['ours', 'real'],
    ['real', 'ours'],
  ] as const)('is not dropped by both sides at once (%s here, %s there)', async (first, second) => {
    origin.git('remote', 'add', 'here', '../here');
    origin.must('real', 'sync', '--quiet', '--no-push');
    for (let round = 0; round < 4; round++) {
      const drops = [
        scene.start(first, ['drop', 'one'], here.path, { input: '' }),
        scene.start(second, ['drop', 'one'], origin.path, { input: '' }),
      ];
      await Promise.all(drops.map(({ ended }) => ended));
      const left = [here, origin].filter((repository) => censusOf(repository).intact.includes(KEY));
      expect(left.length, `round ${round}`).toBeGreaterThanOrEqual(1);
      for (const repository of [here, origin]) if (!left.includes(repository)) repository.real('get', 'one');
      expect(censusOf(here).intact).toContain(KEY);
    }
    expectSound(here);
    expectSound(origin);
  });
});

describe('a transfer', () => {
  const transferLock = (repository: Repository, direction: string, uuid: string, key: string) =>
    join(annexFolder(repository), 'transfer', direction, uuid, `lck.${key}`);

  test.each([
    ['get', ['get', 'two'], 'download', keyFor('two\n')],
    ['copy --to', ['copy', '--to', 'origin', 'three'], 'upload', keyFor('three\n')],
  ])('%s that another program makes already is refused, then possible', async (_, args, direction, key) => {
    here.write('three', 'three\n');
    here.must('real', 'add', '--quiet', 'three');
    here.git('commit', '-qm', 'three');
    const path = transferLock(here, direction, uuidOf(origin), key);
    const holder = await hold(path);
    const { status, stdout, stderr } = here.ours(...args);
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('transfer already in progress, or unable to take transfer lock');
    await holder.release();
    // Its file is still there, as after a kill.
    expect(existsSync(path)).toBe(true);
    here.must('ours', ...args);
    expect(existsSync(path)).toBe(false);
    expectSound(here);
  });

  test('of the same key from another remote is refused, too', async () => {
    const key = keyFor('two\n');
    const holder = await hold(join(annexFolder(here), 'transfer/download/lck', `lck.${key}`));
    expect(here.ours('get', 'two').status).toBe(1);
    await holder.release();
    here.must('ours', 'get', 'two');
  });

  test('by us keeps git-annex from making the same one, and the other way round', async () => {
    origin.write('big', BIG);
    origin.must('real', 'add', '--quiet', 'big');
    origin.git('commit', '-qm', 'big');
    here.must('real', 'sync', '--quiet');
    const path = transferLock(here, 'download', uuidOf(origin), BIG_KEY);
    for (const [first, second] of [
      ['ours', 'real'],
      ['real', 'ours'],
    ] as const) {
      const get = () => scene.start(first, ['get', 'big'], here.path, { input: '' });
      let running = get();
      while (!(await stopAtLock(running, path))) {
        must(await running.ended, `get by ${first}`);
        here.must('real', 'drop', '--quiet', 'big');
        running = get();
      }
      const other = here.annex(second, 'get', 'big');
      expect(other.status).toBe(1);
      expect(other.stdout + other.stderr).toContain('transfer already in progress');
      running.child.kill('SIGCONT');
      must(await running.ended, `get by ${first}`);
      expect(censusOf(here).intact).toContain(BIG_KEY);
      here.must('real', 'drop', '--quiet', 'big');
    }
    expectSound(here);
  });
});

test('a repository with annex.pidlock is left to git-annex', () => {
  here.git('config', 'annex.pidlock', 'true');
  const before = listing(annexFolder(here));
  const { status, stderr } = here.ours('drop', 'one');
  expect(status).toBe(1);
  expect(stderr).toMatch(/pidlock/);
  expect(listing(annexFolder(here))).toEqual(before);
});

test('what an old journal holds is read, and committed by the next command', () => {
  const journal = join(annexFolder(here), 'journal');
  here.must('ours', 'setpresentkey', KEY, THIRD, '1');
  const [name] = listing(journal).map((line) => line.split(' ')[0]);
  const file = join(journal, name ?? '');
  utimesSync(file, 1, 1);
  expect(readIfThere(file)).toContain(THIRD);
  expect(here.must('ours', 'whereis', 'one')).toContain(THIRD);
  rmSync(join(annexFolder(here), 'index'));
  here.must('ours', 'get', 'two');
  expect(existsSync(file)).toBe(false);
  expect(locationsOf(here).get(KEY)).toContain(THIRD);
  expectSound(here);
});

/** Lets a program run until it holds that lock, and stops it there; false when it ended before it was seen. */
async function stopAtLock({ child, ended }: Running, path: string): Promise<boolean> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over) {
    for (let spin = 0; spin < 200; spin++) {
      if (!existsSync(path)) continue;
      child.kill('SIGSTOP');
      if (!isLockFree(path)) return true;
      // It has made the file, and is about to lock it.
      child.kill('SIGCONT');
    }
    await sleep(0);
  }
  return false;
}

/** git-annex's server for a repository, on stdin and stdout. */
const shell = (repository: Repository, uuid: string): string[] => [
  ...['sh', '-c', `exec git-annex-shell p2pstdio "${repository.path}" ${uuid} --uuid ${uuidOf(repository)}`],
];

/** What a server answers; `until` waits for a whole line, for `AUTH-SUCCESS` holds `SUCCESS` too. */
function answersOf({ child }: Running): { until(line: string): Promise<void> } {
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk.toString('latin1');
  });
  return {
    async until(line) {
      const deadline = Date.now() + 20_000;
      while (!seen.split('\n').slice(0, -1).includes(line)) {
        if (Date.now() > deadline) throw new Error(`no ${line} in ${JSON.stringify(seen)}`);
        await sleep(10);
      }
    },
  };
}
