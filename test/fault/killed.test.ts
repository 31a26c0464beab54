import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { censusOf, intactAnywhere, keyFor, readIfThere } from '../support/census.js';
import { expectAnnexSound, expectClean, expectGitSound, expectSound } from '../support/judge.js';
import { createRandom, seedOr } from '../support/random.js';
import { locationsOf } from '../support/twins.js';
import { createScene, killGroup, must, type Repository, type Scene } from '../support/scene.js';

const SEED = seedOr(20250416);
/** Kills of each operation, at moments spread over its usual time. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 2);
const OLD = contents('old', 14);
const NEW = contents('new', 14);

interface Operation {
  readonly args: readonly string[];
  prepare(here: Repository): void;
  /** Whether the new files are part of it. */
  readonly withNew: boolean;
  /** File names of keys that are here, and in origin, once it is done. */
  done(): { here: readonly string[]; origin: readonly string[] };
}

const none = () => {};
const getAll = (here: Repository) => here.must('real', 'get', '--quiet', '.');
const OPERATIONS: Record<string, Operation> = {
  add: {
    args: ['add', '.'],
    prepare: (here) => writeAll(here, NEW),
    withNew: true,
    done: () => ({ here: keys(NEW), origin: keys(OLD) }),
  },
  get: {
    args: ['get', '.'],
    prepare: none,
    withNew: false,
    done: () => ({ here: keys(OLD), origin: keys(OLD) }),
  },
  drop: {
    args: ['drop', '.'],
    prepare: getAll,
    withNew: false,
    done: () => ({ here: [], origin: keys(OLD) }),
  },
  copy: {
    args: ['copy', '--to', 'origin', '.'],
    prepare: addNew,
    withNew: true,
    done: () => ({ here: keys(NEW), origin: [...keys(OLD), ...keys(NEW)] }),
  },
  'move --to': {
    args: ['move', '--to', 'origin', '.'],
    prepare: addNew,
    withNew: true,
    done: () => ({ here: [], origin: [...keys(OLD), ...keys(NEW)] }),
  },
  'move --from': {
    args: ['move', '--from', 'origin', '.'],
    prepare: none,
    withNew: false,
    done: () => ({ here: keys(OLD), origin: [] }),
  },
  'sync --content': {
    args: ['sync', '--content'],
    prepare: addNew,
    withNew: true,
    done: () => ({ here: [...keys(OLD), ...keys(NEW)], origin: [...keys(OLD), ...keys(NEW)] }),
  },
};

let scene: Scene;
let count = 0;

beforeAll(() => {
  scene = createScene();
  const origin = scene.create('base/origin');
  writeAll(origin, OLD);
  origin.must('real', 'add', '--quiet', '.');
  origin.git('commit', '-qm', 'old');
  scene.clone('base/origin', 'base/here').must('real', 'sync', '--quiet');
  origin.must('real', 'merge', '--quiet');
});
afterAll(() => scene.remove());

describe.each(Object.entries(OPERATIONS))('%s, killed', (name, operation) => {
  let usual: number;

  beforeAll(() => {
    scene.copy('base', `prepared ${name}`);
    operation.prepare(scene.repository(`prepared ${name}/here`));
    const { here } = copyOf(name);
    const started = performance.now();
    here.must('ours', ...operation.args);
    usual = performance.now() - started;
  });

  test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'at a random moment (round %i): nothing is lost, and running it again finishes',
    async (round) => {
      const { here, origin } = copyOf(name);
      const random = createRandom(SEED + round * 7919 + name.length * 104_729);
      const after = usual * ((round + random.next()) / ROUNDS);
      const withChildren = random.next() < 0.4;
      const what = `seed ${SEED}, killed ${withChildren ? 'with its children ' : ''}after ${Math.round(after)} ms`;

      await killedAfter(here, operation.args, after, withChildren);

      expectNothingLost(here, origin, operation.withNew ? [...OLD, ...NEW] : [...OLD], what);
      for (const repository of [here, origin]) {
        expectGitSound(repository);
        // A git that is killed leaves its lock, and its message asks people to delete it.
        if (withChildren) rmSync(join(repository.path, '.git/index.lock'), { force: true });
        expect(existsSync(join(repository.path, '.git/index.lock')), what).toBe(false);
      }
      expectNoFalseClaims(here, [here, origin], what);
      expectNoFalseClaims(origin, [origin], what);
      // Every other time git-annex comes next: its fsck records what was in place but not recorded yet.
      if (round % 2 === 0)
        for (const one of [here, origin]) expectAnnexSound(one, { ...any, missingCopies: true });

      must(here.ours(...operation.args), `${what}, again`);

      if (name === 'add') here.git('commit', '-qm', 'new');
      const expected = operation.done();
      expect(censusOf(here), what).toEqual({ intact: [...expected.here].sort(), damaged: [] });
      expect(censusOf(origin), what).toEqual({ intact: [...expected.origin].sort(), damaged: [] });
      if (name === 'sync --content') origin.must('ours', 'sync', '--no-content');
      for (const repository of [here, origin]) {
        expectAnnexSound(repository, { repairedLocations: 1, missingCopies: true });
        expectClean(repository);
      }
      expectSound(here, { missingCopies: true });
    },
  );
});

/** As many repairs as there are files. */
const any = { repairedLocations: Number.POSITIVE_INFINITY };

/** What a repository says others have, they have; one entry may be ahead of a removal. */
function expectNoFalseClaims(teller: Repository, about: readonly Repository[], what: string): void {
  const locations = locationsOf(teller);
  const claims = about.flatMap((one) => {
    const uuid = one.git('config', 'annex.uuid');
    const { intact } = censusOf(one);
    return [...locations].filter(([key, uuids]) => uuids.includes(uuid) && !intact.includes(key));
  });
  expect(claims.length, `${what}: claims of what is not there`).toBeLessThanOrEqual(1);
}

async function killedAfter(
  here: Repository,
  args: readonly string[],
  milliseconds: number,
  withChildren: boolean,
): Promise<void> {
  const { child, ended } = scene.start('ours', args, here.path, { input: '' });
  await sleep(milliseconds);
  if (withChildren && child.pid !== undefined) killGroup(child.pid);
  else child.kill('SIGKILL');
  await ended;
}

function copyOf(name: string): { here: Repository; origin: Repository } {
  const folder = `case-${count++}`;
  scene.copy(`prepared ${name}`, folder);
  return { here: scene.repository(`${folder}/here`), origin: scene.repository(`${folder}/origin`) };
}

/** Every content is an intact object somewhere or still the user's own file, and no file is gone. */
function expectNothingLost(
  here: Repository,
  origin: Repository,
  files: readonly (readonly [string, string])[],
  what: string,
): void {
  const somewhere = intactAnywhere([here, origin]);
  const names = new Set(readdirSync(here.path));
  for (const [name, content] of files) {
    expect(names, `${what}: the file or its link`).toContain(name);
    const kept = somewhere.has(keyFor(content)) || readIfThere(here.file(name)) === content;
    expect(kept, `${what}: ${name}`).toBe(true);
  }
  for (const repository of [here, origin]) expect(censusOf(repository).damaged, what).toEqual([]);
}

function addNew(here: Repository): void {
  writeAll(here, NEW);
  here.must('real', 'add', '--quiet', '.');
  here.git('commit', '-qm', 'new');
}

function writeAll(repository: Repository, files: ReadonlyMap<string, string>): void {
  for (const [name, content] of files) repository.write(name, content);
}

/** Small files, and two that take a moment. */
function contents(word: string, number: number): Map<string, string> {
  const size = (index: number) => (index % 7 === 3 ? 200_000 : 10);
  return new Map(
    Array.from({ length: number }, (_, index) => [
      `${word}-${index}`,
      `${word} ${index}\n`.repeat(size(index)),
    ]),
  );
}

const keys = (files: ReadonlyMap<string, string>): string[] => [...files.values()].map((c) => keyFor(c));
