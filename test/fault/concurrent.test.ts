import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { censusOf, keyFor, workTree } from '../support/census.js';
import { expectGitSound, expectSound } from '../support/judge.js';
import { type Annex, createScene, type Ended, must, type Repository, type Scene } from '../support/scene.js';
import { locationsOf } from '../support/twins.js';

/** Two processes of each program at once. */
const WORKERS: readonly Annex[] = ['ours', 'real', 'ours', 'real'];
const uuidOfWorker = (worker: number) => `${worker}0000000-1111-4222-8333-444444444444`;

let scene: Scene;
let here: Repository;
let origin: Repository;
let count = 0;

beforeAll(() => {
  scene = createScene();
  const first = scene.create('base/origin');
  first.git('config', 'receive.denyCurrentBranch', 'updateInstead');
  for (let number = 0; number < 24; number++) first.write(`old-${number}`, `old ${number}\n`);
  first.must('real', 'add', '--quiet', '.');
  first.git('commit', '-qm', 'files');
  scene.clone('base/origin', 'base/here').must('real', 'sync', '--quiet');
  first.must('real', 'merge', '--quiet');
});
afterAll(() => scene.remove());
beforeEach(() => {
  const name = `case-${count++}`;
  scene.copy('base', name);
  here = scene.repository(`${name}/here`);
  origin = scene.repository(`${name}/origin`);
});

/** Starts all at once; every one must succeed. */
async function atOnce(
  jobs: readonly { who: Annex; args: readonly string[]; input?: string; cwd?: string }[],
): Promise<Ended[]> {
  const running = jobs.map(({ who, args, input = '', cwd = here.path }) =>
    scene.start(who, args, cwd, { input }),
  );
  const ended = await Promise.all(running.map((one) => one.ended));
  for (const [number, outcome] of ended.entries()) {
    must(outcome, `${jobs[number]?.who} ${jobs[number]?.args.join(' ')}`);
  }
  return ended;
}

describe('two of our processes and two of git-annex in one repository', () => {
  test('setpresentkey --batch: no update is lost', async () => {
    const keys = Array.from({ length: 60 }, (_, number) => keyFor(`key ${number}`));
    const lines = (worker: number) => keys.map((key) => `${key} ${uuidOfWorker(worker)} 1\n`).join('');
    const jobs = WORKERS.map((who, worker) => ({
      who,
      args: ['setpresentkey', '--batch'],
      input: lines(worker),
    }));
    // Others commit the journal meanwhile.
    const committers = (['real', 'ours'] as const).map((who) => ({ who, args: ['merge'] }));
    await atOnce([...jobs, ...committers]);
    here.must('real', 'merge', '--quiet');
    const expected = WORKERS.map((_, worker) => uuidOfWorker(worker)).sort();
    const locations = locationsOf(here);
    for (const key of keys) expect(locations.get(key)).toEqual(expected);
    expectSound(here, { missingCopies: true });
  });

  test('setpresentkey of one key, a process for each update', async () => {
    const key = keyFor('one key');
    const uuids = Array.from({ length: 9 }, (_, number) => uuidOfWorker(number + 1));
    await atOnce(
      uuids.map((uuid, number) => ({
        who: number % 2 === 0 ? 'ours' : 'real',
        args: ['setpresentkey', key, uuid, '1'],
      })),
    );
    expect(locationsOf(here).get(key)).toEqual([...uuids].sort());
  });

  test('add: every file is annexed, staged and recorded', async () => {
    const made = new Map<string, string>();
    for (const worker of WORKERS.keys()) {
      for (let number = 0; number < 20; number++) {
        made.set(`dir-${worker}/file-${number}`, `${worker} ${number}\n`);
      }
    }
    for (const [name, content] of made) here.write(name, content);
    await atOnce(WORKERS.map((who, worker) => ({ who, args: ['add', `dir-${worker}`] })));
    const staged = new Set(here.git('ls-files').split('\n'));
    for (const name of made.keys()) expect(staged).toContain(name);
    here.git('commit', '-qm', 'all');
    expect(censusOf(here).intact).toEqual([...made.values()].map((content) => keyFor(content)).sort());
    expectSound(here);
  });

  test('add of the same files: each is annexed once', async () => {
    const made = new Map(Array.from({ length: 20 }, (_, number) => [`same-${number}`, `same ${number}\n`]));
    for (const [name, content] of made) here.write(name, content);
    const running = WORKERS.map((who) => scene.start(who, ['add', '.'], here.path, { input: '' }));
    await Promise.all(running.map(({ ended }) => ended));
    here.must('ours', 'add', '.');
    here.git('commit', '-qm', 'all');
    expect(censusOf(here).intact).toEqual([...made.values()].map((content) => keyFor(content)).sort());
    for (const [name, content] of made) expect(workTree(here).get(name)).toBe(content);
    expectSound(here);
  });

  test('get, copy and drop of different files', async () => {
    const files = (worker: number) => [0, 1, 2, 3, 4, 5].map((number) => `old-${worker * 6 + number}`);
    for (const verb of [
      ['get'],
      ['drop'],
      ['move', '--from', 'origin'],
      ['copy', '--to', 'origin'],
      ['drop'],
    ]) {
      await atOnce(WORKERS.map((who, worker) => ({ who, args: [...verb, ...files(worker)] })));
      const here24 = censusOf(here).intact.length;
      expect(here24, verb.join(' ')).toBe(verb[0] === 'drop' ? 0 : 24);
      expect(censusOf(origin).intact.length, verb.join(' ')).toBe(verb[0] === 'move' ? 0 : 24);
    }
    expectSound(here);
    here.must('ours', 'sync');
    expectSound(origin);
  });

  test('get of the same files: all are there, each process only fails on what another was getting', async () => {
    const running = WORKERS.map((who) => scene.start(who, ['get', '.'], here.path, { input: '' }));
    for (const { status, stdout, stderr } of await Promise.all(running.map(({ ended }) => ended))) {
      if (status !== 0) expect(stdout + stderr).toContain('transfer already in progress');
    }
    here.must('ours', 'get', '.');
    expect(censusOf(here).intact.length).toBe(24);
    expectSound(here);
  });

  test('add, get, drop and sync side by side, for a while', async () => {
    const until = Date.now() + 6000;
    const made: string[] = [];
    const problems: string[] = [];
    const loop = async (who: Annex, worker: number) => {
      for (let round = 0; Date.now() < until; round++) {
        const name = `w${worker}-${round}`;
        here.write(name, `${name}\n`);
        made.push(name);
        for (const args of [
          ['add', name],
          ['get', `old-${worker}`, `old-${worker + 4}`],
          ['drop', `old-${worker}`],
          ['sync', '--no-content'],
        ]) {
          const { status, stdout, stderr } = await scene.start(who, args, here.path, { input: '' }).ended;
          if (status !== 0) problems.push(`${who} ${args.join(' ')}: ${stdout}${stderr}`);
        }
        await sleep(worker);
      }
    };
    await Promise.all(WORKERS.map(loop));
    // git commit and push do not wait for each other, whoever starts them: all else has to succeed.
    const shared =
      /index\.lock|cannot lock ref|failed to push|\[(?:remote )?rejected\]|unable to update local ref|HEAD\.lock|refused the push/;
    expect(problems.filter((problem) => !shared.test(problem)).join('\n')).toBe('');
    here.must('ours', 'add', '.');
    here.must('ours', 'sync', '--content');
    here.must('ours', 'sync', '--content');
    const files = workTree(here);
    for (const name of made) expect(files.get(name), name).toBe(`${name}\n`);
    origin.must('ours', 'sync');
    expectGitSound(here);
    expect(censusOf(origin).intact).toEqual(censusOf(here).intact);
    expectSound(here);
    expectSound(origin);
  });
});
