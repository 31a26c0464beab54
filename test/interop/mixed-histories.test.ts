import { afterAll, beforeAll, expect, test } from 'vitest';
import { censusOf, intactAnywhere, keyFor, workTree } from '../support/census.js';
import { expectSound } from '../support/judge.js';
import { createRandom, type Random, seedOr } from '../support/random.js';
import { type Annex, createScene, type Ended, type Repository, type Scene } from '../support/scene.js';
import { locationsOf } from '../support/twins.js';

const SEED = seedOr(4711);
const HISTORIES = 2;
const STEPS = 30;

let scene: Scene;
beforeAll(() => {
  scene = createScene({ resident: true });
});
afterAll(() => scene.remove());

/** Three repositories that know each other, and what must be in them. */
interface World {
  readonly random: Random;
  readonly repositories: ReadonlyMap<string, Repository>;
  /** Every content that was ever added: none of it may be lost. */
  readonly contents: Set<string>;
  /** What was done, for the message of a failure. */
  readonly story: string[];
  names: number;
}

type Step = (world: World, name: string, repository: Repository, who: Annex) => void;

const others = (world: World, name: string) => [...world.repositories.keys()].filter((one) => one !== name);

function run(world: World, who: Annex, name: string, repository: Repository, ...args: string[]): Ended {
  const ended = repository.annex(who, ...args);
  world.story.push(`${name}: ${who} ${args.join(' ')} => ${ended.status}`);
  expect(ended.stdout + ended.stderr, tell(world)).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  return ended;
}

const tell = (world: World): string => world.story.join('\n');

/** Some annexed files of the work tree. */
function someFiles(world: World, repository: Repository): string[] {
  const files = repository.git('ls-files').split('\n').filter(Boolean);
  if (files.length === 0) return ['.'];
  return world.random.below(3) === 0 ? ['.'] : [world.random.pick(files), world.random.pick(files)];
}

const keysOf = (repository: Repository, files: readonly string[]): string[] =>
  repository
    .git('ls-files', '-s', '--', ...files)
    .split('\n')
    .filter(Boolean)
    .map((line) => repository.git('cat-file', 'blob', line.split(' ')[1] ?? '').replace(/^.*\//s, ''));

const STEPS_BY_NAME: Record<string, { weight: number; step: Step; bare?: boolean }> = {
  add: {
    weight: 5,
    step(world, name, repository, who) {
      const made = Array.from({ length: 1 + world.random.below(4) }, () => `${name}-${world.names++}`);
      for (const file of made) {
        // Now and then content that is there already.
        const content = world.random.below(6) === 0 ? 'the same\n' : `${file}\n`;
        repository.write(`d${world.random.below(3)}/${file}`, content);
        world.contents.add(content);
      }
      expect(run(world, who, name, repository, 'add', '.').status, tell(world)).toBe(0);
      repository.git('commit', '-qm', `files of ${name}`);
    },
  },
  get: {
    weight: 4,
    step(world, name, repository, who) {
      const files = someFiles(world, repository);
      const { status } = run(world, who, name, repository, 'get', ...files);
      if (status !== 0) return;
      const { intact } = censusOf(repository);
      for (const key of keysOf(repository, files)) expect(intact, tell(world)).toContain(key);
    },
  },
  drop: {
    weight: 4,
    step(world, name, repository, who) {
      const files = someFiles(world, repository);
      const { status } = run(world, who, name, repository, 'drop', ...files);
      if (status !== 0) return;
      const { intact } = censusOf(repository);
      for (const key of keysOf(repository, files)) expect(intact, tell(world)).not.toContain(key);
    },
  },
  send: {
    weight: 5,
    step(world, name, repository, who) {
      const files = someFiles(world, repository);
      const to = world.random.pick(others(world, name));
      const verb = world.random.pick(['copy', 'move']);
      const had = censusOf(repository).intact;
      const { status } = run(world, who, name, repository, verb, '--to', to, ...files);
      if (status !== 0) return;
      const there = censusOf(world.repositories.get(to) as Repository).intact;
      const { intact } = censusOf(repository);
      for (const key of keysOf(repository, files)) {
        if (had.includes(key)) expect(there, tell(world)).toContain(key);
        expect(intact.includes(key), tell(world)).toBe(verb === 'copy' && had.includes(key));
      }
    },
  },
  fetch: {
    weight: 3,
    step(world, name, repository, who) {
      const from = world.random.pick(others(world, name));
      const verb = world.random.pick(['copy', 'move']);
      run(world, who, name, repository, verb, '--from', from, ...someFiles(world, repository));
    },
  },
  'drop --from': {
    weight: 2,
    step(world, name, repository, who) {
      const from = world.random.pick(others(world, name));
      run(world, who, name, repository, 'drop', '--from', from, ...someFiles(world, repository));
    },
  },
  sync: {
    weight: 6,
    step(world, name, repository, who) {
      const content = world.random.below(4) === 0 ? ['--content'] : [];
      expect(run(world, who, name, repository, 'sync', ...content).status, tell(world)).toBe(0);
    },
  },
  rename: {
    weight: 2,
    step(world, name, repository) {
      const files = repository.git('ls-files').split('\n').filter(Boolean);
      if (files.length === 0) return;
      const [from, to] = [world.random.pick(files), `renamed-${name}-${world.names++}`];
      repository.git('mv', from, to);
      repository.git('commit', '-qm', 'rename');
      world.story.push(`${name}: git mv ${from} ${to}`);
    },
  },
  remove: {
    weight: 1,
    step(world, name, repository) {
      const files = repository.git('ls-files').split('\n').filter(Boolean);
      if (files.length < 4) return;
      const file = world.random.pick(files);
      repository.git('rm', '-q', file);
      repository.git('commit', '-qm', 'remove');
      world.story.push(`${name}: git rm ${file}`);
    },
  },
  'by key': {
    weight: 2,
    bare: true,
    step(world, name, repository, who) {
      const contents = [...world.contents];
      if (contents.length === 0) return;
      const key = keyFor(world.random.pick(contents));
      run(world, who, name, repository, world.random.pick(['get', 'drop']), '--key', key);
    },
  },
  maintain: {
    weight: 1,
    bare: true,
    step(world, name, repository, who) {
      const args = world.random.pick([
        ['merge'],
        ['fsck', '--fast'],
        ['numcopies', '1'],
        ['whereis', '--all'],
      ]);
      const { status } = run(world, who, name, repository, ...args);
      if (args[0] !== 'fsck' && args[0] !== 'whereis') expect(status, tell(world)).toBe(0);
    },
  },
};

test.each(Array.from({ length: HISTORIES }, (_, number) => SEED + number))(
  'a random history of both programs loses nothing and ends in agreement (seed %i)',
  (seed) => {
    const world = createWorld(seed);
    for (let number = 0; number < STEPS; number++) {
      const name = world.random.pick([...world.repositories.keys(), 'one', 'two']);
      const repository = world.repositories.get(name) as Repository;
      const who = world.random.pick(['ours', 'real'] as const);
      const steps = Object.values(STEPS_BY_NAME).filter(({ bare }) => name !== 'bare' || bare);
      const { step } = world.random.pick(
        steps.flatMap((one) => Array.from({ length: one.weight }, () => one)),
      );
      step(world, name, repository, who);
      expectInvariants(world, name);
    }
    converge(world);
  },
);

function createWorld(seed: number): World {
  const folder = `history-${seed}`;
  const random = createRandom(seed);
  const who = () => random.pick(['ours', 'real'] as const);
  const bare = scene.create(`${folder}/bare`, { by: 'none', bare: true });
  const one = scene.create(`${folder}/one`, { by: who() });
  one.write('d0/first', 'first\n');
  one.must(who(), 'add', '.');
  one.git('commit', '-qm', 'first');
  one.git('remote', 'add', 'bare', '../bare');
  one.git('push', '-q', 'bare', 'main', 'git-annex');
  bare.must(who(), 'init', 'bare');
  const two = scene.clone(`${folder}/one`, `${folder}/two`, { by: who() });
  two.git('remote', 'rename', 'origin', 'one');
  two.git('remote', 'add', 'bare', '../bare');
  one.git('remote', 'add', 'two', '../two');
  const repositories = new Map(Object.entries({ one, two, bare }));
  return { random, repositories, contents: new Set(['first\n']), story: [`seed ${seed}`], names: 0 };
}

/** Nothing is lost or damaged, and the repository at work knows what it has itself. */
function expectInvariants(world: World, name: string): void {
  const repositories = [...world.repositories.values()];
  const somewhere = intactAnywhere(repositories);
  for (const content of world.contents) expect(somewhere, tell(world)).toContain(keyFor(content));
  for (const one of repositories) expect(censusOf(one).damaged, tell(world)).toEqual([]);
  const repository = world.repositories.get(name) as Repository;
  const uuid = repository.git('config', 'annex.uuid');
  const claimed = [...locationsOf(repository)]
    .filter(([, uuids]) => uuids.includes(uuid))
    .map(([key]) => key);
  expect(claimed.sort(), tell(world)).toEqual(censusOf(repository).intact);
}

/** After syncs in turn, all have the same files, and know the same about them. */
function converge(world: World): void {
  const [one, two, bare] = ['one', 'two', 'bare'].map((name) => world.repositories.get(name) as Repository);
  if (one === undefined || two === undefined || bare === undefined) throw new Error('no world');
  for (const [repository, who] of [
    [one, 'ours'],
    [two, 'real'],
    [one, 'ours'],
    [two, 'ours'],
  ] as const) {
    const { status, stdout, stderr } = repository.annex(who, 'sync', '--content');
    expect(status, `${tell(world)}\n${stdout}${stderr}`).toBe(0);
  }
  expect(workTree(one), tell(world)).toEqual(workTree(two));
  expect([...workTree(one).values()], tell(world)).not.toContain(undefined);
  expect(locationsOf(one), tell(world)).toEqual(locationsOf(two));
  for (const repository of [one, two, bare]) expectSound(repository);
}
