import { chmodSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { censusOf, intactAnywhere, keyFor, readIfThere } from '../support/census.js';
import { expectAnnexSound, expectClean, expectGitSound, expectSound } from '../support/judge.js';
import { fillUpTo, mountSmall } from '../support/mounts.js';
import { subjectCommand } from '../support/program.js';
import { createRandom, seedOr } from '../support/random.js';
import { createScene, must, type Repository, type Scene } from '../support/scene.js';

const SEED = seedOr(20250416);
const NAMES = Array.from({ length: 30 }, (_, number) => `file-${number}`);
const contentOf = (name: string) => `content of ${name}\n`.repeat(500);
const KEYS = NAMES.map((name) => keyFor(contentOf(name))).sort();

let scene: Scene;
let count = 0;

beforeAll(() => {
  scene = createScene({ resident: true });
  const origin = useOurs(scene.create('base/origin'));
  writeAll(origin);
  origin.must('ours', 'add', '--quiet', '-c', 'annex.addunlocked=true', '.');
  origin.git('commit', '-qm', 'files');
  useOurs(scene.clone('base/origin', 'base/here')).must('real', 'sync', '--quiet');
});
afterAll(() => scene.remove());

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');

/** A repository whose filters and hooks run the program under test. */
function useOurs(repository: Repository, process: readonly string[] = subjectCommand()): Repository {
  const ours = quoted(subjectCommand());
  repository.git('config', 'filter.annex.smudge', `${ours} smudge -- %f`);
  repository.git('config', 'filter.annex.clean', `${ours} smudge --clean -- %f`);
  repository.git('config', 'filter.annex.process', `${quoted(process)} filter-process`);
  for (const hook of ['post-checkout', 'post-merge']) {
    const file = `${repository.gitDirectory}/hooks/${hook}`;
    writeFileSync(file, `#!/bin/sh\nexec ${ours} smudge --update\n`);
    chmodSync(file, 0o755);
  }
  return repository;
}

/** Dated back: git would look again at files that changed in the moment it wrote its index. */
function writeAll(repository: Repository): void {
  NAMES.forEach((name, i) => {
    repository.write(name, contentOf(name));
    utimesSync(repository.file(name), 1_600_000_000 + i, 1_600_000_000 + i);
  });
}

function copyOf(folder: string): { here: Repository; origin: Repository } {
  const copy = `case-${count++}`;
  scene.copy(folder, copy);
  return { here: scene.repository(`${copy}/here`), origin: scene.repository(`${copy}/origin`) };
}

/** Hands the bytes for the filter on until there were `limit` of them; then the filter is killed. */
const KILLER = `
import { spawn } from 'node:child_process';
const [limit, program, ...args] = process.argv.slice(2);
let left = Number(limit);
const child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'] });
child.on('exit', () => process.exit(1));
child.stdin.on('error', () => {});
process.stdin.on('end', () => child.stdin.end());
process.stdin.on('data', (bytes) => {
  child.stdin.write(bytes.subarray(0, left), () => { if (left <= 0) child.kill('SIGKILL'); });
  left -= bytes.length;
});
`;

test.each([1, 3])(
  'git add whose filter dies in the middle (%i/4): nothing is lost, and it works again',
  (quarter) => {
    const path = scene.create(`killed-${quarter}`);
    const killer = scene.path(`killer-${quarter}.mjs`);
    writeFileSync(killer, KILLER);
    const limit = String(Math.round((contentOf('file-10').length * NAMES.length * quarter) / 4));
    const here = useOurs(path, [process.execPath, killer, limit, ...subjectCommand()]);
    here.git('config', 'annex.largefiles', 'anything');
    writeAll(here);
    const { stderr } = scene.run('git', ['add', '.'], here.path);
    expect(stderr).toMatch(/filter/);
    for (const name of NAMES) expect(readIfThere(here.file(name))).toBe(contentOf(name));
    const { intact, damaged } = censusOf(here);
    expect(damaged).toEqual([]);
    const pointers = NAMES.filter((name) =>
      here.git('cat-file', 'blob', `:${name}`).startsWith('/annex/objects/'),
    );
    expect(pointers.length).toBeGreaterThan(0);
    expect(pointers.length).toBeLessThan(NAMES.length);
    expect(intact).toEqual(expect.arrayContaining(pointers.map((name) => keyFor(contentOf(name)))));
    expectGitSound(here);
    useOurs(here);
    here.git('rm', '-rq', '--cached', '.');
    here.git('add', '.');
    here.git('commit', '-qm', 'files');
    expect(censusOf(here).intact).toEqual(KEYS);
    here.must('ours', 'merge');
    expectSound(here);
  },
);

interface Operation {
  readonly args: readonly string[];
  readonly before: readonly (readonly string[])[];
  /** Whether the contents are here once it is done, and in which form. */
  readonly here: boolean;
  readonly mode: '100644' | '120000';
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  get: { args: ['get', '.'], before: [], here: true, mode: '100644' },
  drop: { args: ['drop', '.'], before: [['get', '.']], here: false, mode: '100644' },
  lock: { args: ['lock'], before: [['get', '.']], here: true, mode: '120000' },
  unlock: { args: ['unlock'], before: [['get', '.'], ['lock']], here: true, mode: '100644' },
};

describe.each(Object.entries(OPERATIONS))('%s of unlocked files, killed', (name, operation) => {
  test('at random moments: nothing is lost, and the next run leaves a clean work tree', async () => {
    const prepared = copyOf('base').here;
    for (const args of operation.before) prepared.must('ours', ...args);
    prepared.git('commit', '--allow-empty', '-qam', 'before');
    const folder = `case-${count - 1}`;
    const trial = copyOf(folder).here;
    const started = performance.now();
    trial.must('ours', ...operation.args);
    const usual = performance.now() - started;
    for (const part of [0.75, 0.95]) {
      const random = createRandom(SEED + name.length * 7919 + Math.round(part * 100));
      const after = usual * (part + (random.next() - 0.5) / 5);
      const what = `seed ${SEED}, ${name} killed after ${Math.round(after)} of ${Math.round(usual)} ms`;
      const { here, origin } = copyOf(folder);
      const { child, ended } = scene.start('ours', operation.args, here.path, { input: '' });
      await sleep(after);
      child.kill('SIGKILL');
      await ended;
      const somewhere = intactAnywhere([here, origin]);
      for (const file of NAMES) {
        const kept =
          somewhere.has(keyFor(contentOf(file))) || readIfThere(here.file(file)) === contentOf(file);
        expect(kept, `${what}: ${file}`).toBe(true);
        expect(readdirSync(here.path), what).toContain(file);
      }
      expect(censusOf(here).damaged, what).toEqual([]);
      must(here.ours(...operation.args), `${what}, again`);
      if (operation.mode === '100644') expectFilled(here, operation.here, what);
      here.git('add', '.');
      expect(
        here
          .git('ls-files', '-s')
          .split('\n')
          .every((line) => line.startsWith('1')),
        what,
      ).toBe(true);
      if (here.git('status', '--porcelain') !== '') here.git('commit', '-qm', 'after');
      expect(censusOf(here).intact, what).toEqual(operation.here ? KEYS : []);
      expectAnnexSound(here, { repairedLocations: 1, missingCopies: true });
      expectClean(here);
    }
  });
});

/** Unlocked files have their contents, or are pointers; git sees no change. */
function expectFilled(here: Repository, filled: boolean, what: string): void {
  for (const name of NAMES) {
    const content = readFileSync(here.file(name), 'latin1');
    if (filled) expect(content, `${what}: ${name}`).toBe(contentOf(name));
    else expect(content, `${what}: ${name}`).toMatch(/^\/annex\/objects\//);
  }
}

test('a disk that is full while files are filled: said so, and filled by the next get', () => {
  const disk = mountSmall(scene.path('disk'), 4 << 20);
  try {
    scene.run('cp', ['-a', scene.path('base/here'), `${disk.path}/`], scene.directory);
    const here = scene.repository('disk/here');
    here.git('remote', 'set-url', 'origin', scene.path('base/origin'));
    here.git('config', 'annex.diskreserve', '0');
    const room = fillUpTo(disk, contentOf('file-10').length * NAMES.length * 1.3);
    const ended = here.ours('get', '.');
    const text = `${ended.stdout}${ended.stderr}`;
    expect(ended.status, text).toBe(1);
    expect(text).toMatch(
      /file-\d+: the content is here now, but it could not be put into the work tree|space/,
    );
    expect(censusOf(here).damaged).toEqual([]);
    for (const name of NAMES) {
      const content = readFileSync(here.file(name), 'latin1');
      expect(content === contentOf(name) || content.startsWith('/annex/objects/'), name).toBe(true);
    }
    room();
    must(here.ours('get', '.'), 'get, with room');
    expectFilled(here, true, 'get, with room');
    expectClean(here);
    expectAnnexSound(here, { repairedLocations: 0 });
  } finally {
    disk.unmount();
  }
});
