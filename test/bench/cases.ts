import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Scene, Subject } from './scene.js';
import { bigFile, smallFiles } from './scene.js';

export interface Sizes {
  readonly files: number;
  readonly bigBytes: number;
}

/** What a case measures: the command in the folder that `prepare` made for one run. */
export interface Prepared {
  readonly cwd: string;
  readonly args: readonly string[];
  /** What is run with these arguments in place of the subject's own command. */
  readonly command?: readonly string[];
  /** Throws when the result is not what git-annex thinks it should be. */
  readonly check: () => void;
  /**
   * Folders to delete after the run. Many small files stay until the end: for minutes after deleting them, ext4 is slow at
   * making new ones.
   */
  readonly folders: readonly string[];
}

export interface Case {
  readonly name: string;
  /** Ratio of our time to git-annex's that is aimed at. */
  readonly target: number;
  /** Milliseconds more that are aimed at, where not the ratio but the difference counts. */
  readonly mostMore?: number;
  readonly rounds: number;
  prepare(scene: Scene, subject: Subject, ours: Subject, sizes: Sizes): Prepared;
}

function expectCount(what: string, seen: number, wanted: number): void {
  if (seen !== wanted) throw new Error(`${what}: ${seen} instead of ${wanted}`);
}

function present(scene: Scene, dir: string): number {
  return scene.run(dir, 'git-annex', 'find', '--in=here').split('\n').length - 1;
}

/** A repository with the files annexed and committed. Filled by our program, being the faster one. */
function filled(scene: Scene, ours: Subject, sizes: Sizes): string {
  const dir = scene.init('source');
  smallFiles(dir, sizes.files);
  scene.annex(ours, dir, 'add', '.');
  scene.run(dir, 'git', 'commit', '-q', '-m', 'files');
  return dir;
}

function noCheck(): void {
  // The command prints and changes nothing that could be checked afterwards.
}

const small: readonly Case[] = [
  {
    name: 'add small files',
    target: 0.1,
    rounds: 1,
    prepare(scene, _subject, _ours, sizes) {
      const dir = scene.init('add');
      smallFiles(dir, sizes.files);
      const check = (): void => expectCount('added', present(scene, dir), sizes.files);
      return { cwd: dir, args: ['add', '.'], check, folders: [] };
    },
  },
  {
    name: 'get small files, local path',
    target: 0.1,
    rounds: 1,
    prepare(scene, _subject, ours, sizes) {
      const source = filled(scene, ours, sizes);
      const dir = scene.clone(source, 'get');
      const check = (): void => expectCount('present', present(scene, dir), sizes.files);
      return { cwd: dir, args: ['get', '.'], check, folders: [] };
    },
  },
  {
    name: 'copy --to small files, local path',
    target: 0.1,
    rounds: 1,
    prepare(scene, _subject, ours, sizes) {
      const source = filled(scene, ours, sizes);
      const dir = scene.clone(source, 'copy');
      scene.run(source, 'git', 'remote', 'add', 'copy', dir);
      const check = (): void => expectCount('present', present(scene, dir), sizes.files);
      return { cwd: source, args: ['copy', '--to=copy', '.'], check, folders: [] };
    },
  },
  {
    name: 'drop small files, copy on a local path',
    target: 0.1,
    rounds: 1,
    prepare(scene, _subject, ours, sizes) {
      const source = filled(scene, ours, sizes);
      const dir = scene.clone(source, 'drop');
      scene.annex(ours, dir, 'get', '.');
      const check = (): void => expectCount('present', present(scene, dir), 0);
      return { cwd: dir, args: ['drop', '.'], check, folders: [] };
    },
  },
  {
    name: 'sync --content with nothing to do, second time',
    target: 0.05,
    rounds: 3,
    prepare(scene, subject, ours, sizes) {
      const source = filled(scene, ours, sizes);
      const dir = scene.clone(source, 'sync');
      scene.annex(ours, dir, 'sync', '--content');
      scene.annex(subject, dir, 'sync', '--content');
      const check = (): void => expectCount('present', present(scene, dir), sizes.files);
      return { cwd: dir, args: ['sync', '--content'], check, folders: [] };
    },
  },
  {
    name: 'sync --content second time with preferred content',
    target: 0.05,
    rounds: 3,
    prepare(scene, subject, ours, sizes) {
      const source = filled(scene, ours, sizes);
      const dir = scene.clone(source, 'sync');
      scene.run(dir, 'git-annex', 'wanted', '.', 'include=* and (not copies=5) and largerthan=0');
      scene.run(dir, 'git-annex', 'wanted', 'origin', 'not copies=archive:1 or approxlackingcopies=1');
      for (let i = 0; i < 2; i++) scene.annex(subject, dir, 'sync', '--content');
      const check = (): void => expectCount('present', present(scene, dir), sizes.files);
      return { cwd: dir, args: ['sync', '--content'], check, folders: [] };
    },
  },
  ...[
    ['whereis', '--json'],
    ['find', '--in=here'],
  ].map(
    (args): Case => ({
      name: args.join(' '),
      target: 0.1,
      rounds: 3,
      prepare(scene, _subject, ours, sizes) {
        const dir = filled(scene, ours, sizes);
        return { cwd: dir, args, check: noCheck, folders: [] };
      },
    }),
  ),
  {
    name: 'merge of two git-annex branches that differ in all keys',
    target: 0.3,
    rounds: 3,
    prepare(scene, _subject, ours, sizes) {
      const one = scene.init('one');
      const other = scene.clone(one, 'other');
      for (const [dir, seed] of [
        [one, 'x'],
        [other, 'y'],
      ] as const) {
        smallFiles(dir, sizes.files, seed);
        scene.annex(ours, dir, 'add', '.');
      }
      scene.run(other, 'git', 'fetch', '-q');
      const logs = (): number =>
        scene.run(other, 'git', 'ls-tree', '-r', '--name-only', 'git-annex').split('.log\n').length - 2;
      const check = (): void => expectCount('location logs', logs(), 2 * sizes.files);
      return { cwd: other, args: ['merge'], check, folders: [] };
    },
  },
  {
    name: 'sync with nothing to do, 50 files',
    target: 2.5,
    rounds: 9,
    prepare(scene, subject, ours, sizes) {
      const source = filled(scene, ours, { ...sizes, files: 50 });
      const dir = scene.clone(source, 'start');
      scene.annex(subject, dir, 'sync');
      return { cwd: dir, args: ['sync'], check: noCheck, folders: [] };
    },
  },
];

/** git at work on unlocked files, which one of the programs filters. */
const filters: readonly Case[] = [
  {
    name: 'git add of 5000 files for the annex',
    target: 0.5,
    rounds: 1,
    prepare(scene, subject, _ours, sizes) {
      const dir = scene.init('git-add');
      scene.filterBy(subject, dir);
      smallFiles(dir, filtered(sizes));
      scene.run(dir, 'git', 'config', 'annex.largefiles', 'anything');
      const check = (): void => {
        scene.run(dir, 'git-annex', 'merge');
        expectCount('added', present(scene, dir), filtered(sizes));
      };
      return { cwd: dir, command: ['git'], args: ['add', '.'], check, folders: [] };
    },
  },
  {
    name: 'git status of 5000 unlocked files that were touched',
    target: 0.5,
    rounds: 1,
    prepare(scene, subject, ours, sizes) {
      const dir = unlockedFiles(scene, ours, sizes);
      scene.filterBy(subject, dir);
      scene.run(dir, 'find', ...DATA_FILES, '-exec', 'touch', '-d', '2020-01-01', '{}', '+');
      return {
        cwd: dir,
        command: ['git'],
        args: ['status', '--porcelain'],
        check: cleanIn(scene, dir),
        folders: [],
      };
    },
  },
  {
    name: 'git checkout of 5000 unlocked files, content present',
    target: 0.5,
    rounds: 1,
    prepare(scene, subject, ours, sizes) {
      const dir = unlockedFiles(scene, ours, sizes);
      scene.filterBy(subject, dir);
      scene.run(dir, 'git', 'checkout', '-q', 'empty');
      const clean = cleanIn(scene, dir);
      const check = (): void => {
        clean();
        const full = scene.run(dir, 'find', ...DATA_FILES, '-size', '-60c', '-print');
        expectCount('filled', full.split('\n').length - 1, filtered(sizes));
      };
      return { cwd: dir, command: ['git'], args: ['checkout', '-q', 'master'], check, folders: [] };
    },
  },
];

/** The user's files, for `find`. */
const DATA_FILES = ['.', '-path', './.git', '-prune', '-o', '-name', '*.dat'];

/** 5000, or fewer where fewer are asked for. */
const filtered = ({ files }: Sizes): number => Math.min(files, 5000);

/** A repository with unlocked files, committed, and a branch `empty` without them. */
function unlockedFiles(scene: Scene, ours: Subject, sizes: Sizes): string {
  const dir = scene.init('unlocked');
  scene.run(dir, 'git', 'commit', '-q', '--allow-empty', '-m', 'empty');
  scene.run(dir, 'git', 'branch', 'empty');
  smallFiles(dir, filtered(sizes));
  scene.annex(ours, dir, 'add', '-c', 'annex.addunlocked=true', '.');
  scene.run(dir, 'git', 'commit', '-q', '-m', 'files');
  return dir;
}

function cleanIn(scene: Scene, dir: string): () => void {
  return () =>
    expectCount('modified', scene.run(dir, 'git', 'status', '--porcelain').split('\n').length - 1, 0);
}

const big: readonly Case[] = [
  {
    name: 'add one big file',
    target: 0.25,
    rounds: 1,
    prepare(scene, _subject, _ours, sizes) {
      const dir = scene.init('big');
      bigFile(join(dir, 'big'), sizes.bigBytes);
      const check = (): void => expectCount('added', present(scene, dir), 1);
      return { cwd: dir, args: ['add', 'big'], check, folders: [dir] };
    },
  },
  {
    name: 'get one big file, local path',
    target: 0.25,
    rounds: 1,
    prepare(scene, _subject, ours, sizes) {
      const source = scene.init('big');
      bigFile(join(source, 'big'), sizes.bigBytes);
      scene.annex(ours, source, 'add', 'big');
      scene.run(source, 'git', 'commit', '-q', '-m', 'big');
      const dir = scene.clone(source, 'get');
      const check = (): void => expectCount('present', present(scene, dir), 1);
      return { cwd: dir, args: ['get', 'big'], check, folders: [dir, source] };
    },
  },
];

const unattended: readonly Case[] = [
  {
    name: 'sync --retry with nothing to do, against version',
    target: 2.5,
    rounds: 15,
    prepare(scene, subject, ours, _sizes) {
      const dir = scene.init('retry');
      const isOurs = subject.name === ours.name;
      // As cron starts it: by the program's own first line, which is a shell's.
      const command = isOurs ? ours.command.slice(-1) : subject.command;
      const args = isOurs ? ['sync', '--retry'] : ['version'];
      return { cwd: dir, command, args, check: noCheck, folders: [dir] };
    },
  },
  {
    name: 'git commit with the hook, against without',
    target: 1,
    mostMore: 15,
    rounds: 15,
    prepare(scene, subject, ours, _sizes) {
      const dir = scene.init('commit');
      const programs = scene.path('programs');
      mkdirSync(programs);
      symlinkSync(ours.command.at(-1) ?? '', join(programs, 'git-annex-ts'));
      if (subject.name === ours.name) scene.annex(ours, dir, 'init', '--hooks');
      const command = ['env', `PATH=${programs}:${scene.env.PATH}`, 'git'];
      const check = (): void => {
        // The sync is not what is measured.
        const waiting = join(dir, '.git/annex/annex-ts/sync-waiting');
        if (existsSync(waiting)) process.kill(Number(readFileSync(waiting, 'utf8')));
      };
      return { cwd: dir, command, args: ['commit', '-q', '--allow-empty', '-m', 'x'], check, folders: [] };
    },
  },
];

/** Ten terms, all of which have to be asked, since only the last could match. */
const TEN_TERMS = [
  'include=*.nosuch or largerthan=1gb or inbackend=WORM or copies=9 or copies=archive:2 or not securehash',
  'onlyingroup=backup or lackingcopies=5 or approxlackingcopies=5 or metadata=tag=nosuch',
].join(' or ');
const FIVE = ['r1', 'r2', 'r3', 'r4', 'r5'];

/** Files that are here and that five remotes do not want. */
function unwantedByFive(scene: Scene, ours: Subject, sizes: Sizes): string {
  const dir = filled(scene, ours, sizes);
  for (const name of FIVE) {
    const remote = scene.path(name);
    scene.run(dir, 'git', 'init', '-q', '--bare', remote);
    scene.run(remote, 'git-annex', 'init', name);
    scene.run(dir, 'git', 'remote', 'add', name, remote);
  }
  scene.run(dir, 'git-annex', 'sync', '--no-content');
  for (const name of FIVE) {
    scene.run(dir, 'git-annex', 'wanted', name, TEN_TERMS);
    scene.run(dir, 'git-annex', 'group', name, 'archive');
  }
  scene.run(dir, 'git-annex', 'wanted', 'here', 'anything');
  scene.run(dir, 'git-annex', 'sync', '--no-content');
  return dir;
}

const wanted: readonly Case[] = [
  {
    name: 'sync --content, first time, 5 remotes with expressions of 10 terms',
    target: 0.3,
    rounds: 1,
    prepare(scene, _subject, ours, sizes) {
      const dir = unwantedByFive(scene, ours, sizes);
      const check = (): void => {
        for (const name of FIVE) {
          const found = scene.run(dir, 'git-annex', 'find', `--in=${name}`);
          expectCount(`sent to ${name}`, found.split('\n').length - 1, 0);
        }
      };
      return { cwd: dir, args: ['sync', '--content'], check, folders: [] };
    },
  },
  {
    name: 'find --want-get-by of 5 remotes with expressions of 10 terms',
    target: 0.3,
    rounds: 1,
    prepare(scene, _subject, ours, sizes) {
      const dir = unwantedByFive(scene, ours, sizes);
      const asked = FIVE.flatMap((name) => [`--want-get-by=${name}`, '--or']);
      return { cwd: dir, args: ['find', ...asked, '--nothing'], check: noCheck, folders: [] };
    },
  },
];

export const cases: readonly Case[] = [...small, ...wanted, ...filters, ...big, ...unattended];
