import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyFor } from '../support/census.js';
import { createRandom, type Random, seedOr } from '../support/random.js';
import { type Annex, createScene, type Repository, type Scene } from '../support/scene.js';

/** How many histories of each sort; `ANNEX_TS_HISTORIES` makes a longer run. */
const HISTORIES = Number(process.env['ANNEX_TS_HISTORIES'] ?? 1);
const SEED = seedOr(20261122);

type Kind = 'locked' | 'unlocked' | 'executable' | 'plain' | 'link' | 'edited' | 'deleted';

/** Who syncs, and what happens to which files. */
interface Sort {
  readonly who: readonly Annex[];
  readonly kinds: readonly Kind[];
  readonly paths: readonly string[];
}

const annexed: readonly Kind[] = ['locked', 'unlocked', 'executable', 'deleted'];
const SORTS: Readonly<Record<string, Sort>> = {
  'of ours': {
    who: ['ours'],
    kinds: [...annexed, 'locked', 'unlocked', 'plain', 'link', 'edited'],
    paths: ['f', 'g.txt', 'd/x', 'd', 'd/e/y', 'text', 'n.tar.gz', 'bad\xff'],
  },
  // git-annex leaves conflicts between plain files, and some of files against folders, to the user.
  'of ours and of git-annex': {
    who: ['ours', 'real'],
    kinds: annexed,
    paths: ['f', 'g.txt', 'd/x', 'd/e/y', 'n.tar.gz', 'bad\xff'],
  },
};

let scene: Scene;
let places = 0;

beforeAll(() => {
  scene = createScene({ resident: true });
  const first = scene.create('base/first');
  for (const name of ['f', 'g.txt', 'd/x', 'd/e/y']) first.write(name, `${name} in the beginning\n`);
  first.must('real', 'add', '-q', '.');
  first.must('real', 'unlock', '-q', 'g.txt');
  first.write('text', Array.from({ length: 30 }, (_, i) => `line ${i}\n`).join(''));
  first.git('-c', 'annex.gitaddtoannex=false', 'add', 'text');
  first.git('commit', '-qm', 'base');
  scene.clone('base/first', 'base/origin', { bare: true });
  for (const name of ['a', 'b', 'c']) scene.clone('base/origin', `base/${name}`);
});
afterAll(() => scene.remove());

/** Three clones of one bare repository, and what has happened so far. */
interface World {
  readonly random: Random;
  readonly clones: readonly Repository[];
  readonly story: string[];
  made: number;
}

const nameOf = (clone: Repository) => clone.path.slice(-1);

/** Changes a file and commits; gives what git has for it: a key, or a blob. */
function change(world: World, clone: Repository, path: string, kind: Kind): string | undefined {
  const number = world.made++;
  world.story.push(`${nameOf(clone)}: ${path} ${kind} (${number})`);
  const file = clone.file(path);
  if (kind === 'edited') return edit(world, clone, number);
  clone.git('rm', '-rqf', '--ignore-unmatch', '--', path);
  rmSync(file, { recursive: true, force: true });
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const parent = lstatSync(clone.file(path.slice(0, at)), { throwIfNoEntry: false });
    if (parent !== undefined && !parent.isDirectory()) clone.git('rm', '-qf', '--', path.slice(0, at));
  }
  if (kind === 'deleted') return commit(clone, `delete ${number}`);
  const text =
    kind === 'plain' ? `plain text, longer than what is annexed, number ${number}\n` : `${number}\n`;
  if (kind === 'link') {
    clone.write(path, '');
    rmSync(file);
    symlinkSync(`/target/${number}`, file);
  } else clone.write(path, text);
  if (kind === 'plain' || kind === 'link') clone.git('-c', 'annex.gitaddtoannex=false', 'add', '--', path);
  else {
    clone.must('real', 'add', '-q', path);
    if (kind !== 'locked') clone.must('real', 'unlock', '-q', path);
    if (kind === 'executable') {
      chmodSync(file, 0o755);
      clone.git('add', '--', path);
    }
  }
  commit(clone, `change ${number}`);
  return kind === 'plain' || kind === 'link'
    ? blobOf(kind === 'link' ? `/target/${number}` : text)
    : keyOf(path, text);
}

/** Changes one line of the text, where it is there. */
function edit(world: World, clone: Repository, number: number): undefined {
  const file = clone.file('text');
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return;
  const lines = readFileSync(file, 'latin1').split('\n');
  if (lines.length < 10) return;
  lines[world.random.below(lines.length - 1)] = `edited ${number}`;
  clone.write('text', lines.join('\n'));
  commit(clone, `edit ${number}`);
}

function commit(clone: Repository, message: string): undefined {
  clone.git('commit', '-qa', '--allow-empty', '-m', message);
}

function keyOf(path: string, text: string): string {
  const extension = path === 'n.tar.gz' ? '.tar.gz' : path === 'g.txt' ? '.txt' : '';
  return `${keyFor(text).replace(/\.[a-z.]+$/, '')}${extension}`;
}

function blobOf(text: string): string {
  return createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex');
}

function sync(world: World, clone: Repository, who: Annex): void {
  const ended = clone.annex(who, 'sync');
  world.story.push(`${nameOf(clone)}: ${who} sync => ${ended.status}`);
  const told = `${world.story.join('\n')}\n${ended.stdout}${ended.stderr}`;
  expect(ended.status, told).toBe(0);
  expect(clone.git('status', '--porcelain'), told).toBe('');
}

/** Syncs until all clones have the same commit; they must come to the same tree. */
function settle(world: World, { who }: Sort): void {
  for (let round = 0; round < 8; round++) {
    for (const clone of world.clones) sync(world, clone, world.random.pick(who));
    if (new Set(world.clones.map((clone) => clone.git('rev-parse', 'HEAD'))).size === 1) break;
  }
  const trees = world.clones.map((clone) => clone.git('rev-parse', 'HEAD^{tree}'));
  expect(new Set(trees).size, world.story.join('\n')).toBe(1);
}

/** Everything the tree has: keys and blobs. */
function contentsOf(clone: Repository): string {
  const blobs = clone
    .git('ls-tree', '-r', 'HEAD')
    .split('\n')
    .map((line) => line.split(/[ \t]/)[2] ?? '');
  return `${blobs.join('\n')}\n${blobs.map((sha) => clone.git('cat-file', 'blob', sha)).join('\n')}`;
}

function play(seed: number, sort: Sort): void {
  const place = `history${places++}`;
  scene.copy('base', place);
  const clones = ['a', 'b', 'c'].map((name) => scene.repository(`${place}/${name}`));
  const world: World = { random: createRandom(seed), clones, story: [`ANNEX_TS_SEED=${seed}`], made: 0 };
  const { random } = world;
  for (let step = 0; step < 9; step++) {
    const clone = random.pick(clones);
    if (random.below(3) === 0) sync(world, clone, random.pick(sort.who));
    else change(world, clone, random.pick(sort.paths), random.pick(sort.kinds));
  }
  settle(world, sort);
  // All change the same file at once: every version must be there in the end.
  const path = random.pick(sort.paths);
  const kinds = sort.kinds.filter((kind) => kind !== 'deleted' && kind !== 'edited');
  const made = clones.map((clone) => change(world, clone, path, random.pick(kinds)));
  settle(world, sort);
  const contents = contentsOf(clones[0] as Repository);
  for (const content of made) expect(contents, `${world.story.join('\n')}\n${content}`).toContain(content);
  scene.run('chmod', ['-R', 'u+w', place], scene.directory);
  rmSync(scene.path(place), { recursive: true });
}

it.each(Object.keys(SORTS))(
  'three clones come to the same tree, synced by programs %s',
  (name) => {
    for (let i = 0; i < HISTORIES; i++) play(SEED + i, SORTS[name] as Sort);
  },
  3_600_000,
);
