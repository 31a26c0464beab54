import { join } from 'node:path';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { attempt, createSandbox, run } from './annex-repository.js';
import { createRandom, type Random } from './random.js';
import { GROUPS } from './random-expression.js';

/** A repository that records what many others hold, to ask git-annex and us what those others want. */
export interface ExpressionScene {
  readonly path: string;
  readonly here: string;
  /** Repositories that hold contents, in groups and of all trust levels. */
  readonly holders: readonly string[];
  /** Names of files, as git lists them. */
  readonly files: readonly string[];
  /** Replaces logs of the git-annex branch, by name. */
  record(logs: Readonly<Record<string, string>>): void;
  /** By uuid, the files that git-annex finds with an option such as `--want-get-by`. */
  ask(option: string, uuid: string, ...more: string[]): string[];
  /** By file, the repositories that git-annex's fsck says lack required content: many expressions in one process. */
  lacking(): Map<string, Set<string>>;
  remove(): void;
}

const contents: Readonly<Record<string, string>> = {
  'a.mp3': 'one',
  'b.txt': 'two!!',
  'archive/x1': 'three three',
  'd/archive/y.mp3': 'y'.repeat(600),
  'public/p': 'p'.repeat(40),
  'sub/public/q.txt': 'q'.repeat(1500),
  UP: 'same',
  'd/same': 'same',
  'big.dat': 'x'.repeat(3000),
  'd/e/f2.TXT': 'f'.repeat(90),
  weak: 'weak',
  worm: 'worm',
};

export const uuidOf = (kind: string, number: number): string =>
  `${kind.repeat(8).slice(0, 8)}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** A log with one line for each uuid. */
export const byUuid = (values: Iterable<readonly [string, string]>): string =>
  [...values].map(([uuid, value]) => `${uuid} ${value} timestamp=1700000000s\n`).join('');

export function createExpressionScene(seed: number): ExpressionScene {
  const sandbox = createSandbox();
  const random = createRandom(seed);
  const path = sandbox.annex('here', 'here');
  const files = Object.keys(contents).sort();
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  writeFileSync(
    join(path, '.gitattributes'),
    '*.txt annex.numcopies=3\nweak annex.backend=MD5E\nworm annex.backend=WORM\n',
  );
  run('git', ['annex', 'add', '-q', '.'], path);
  run('git', ['commit', '-qm', 'files'], path);
  run('git', ['annex', 'drop', '-q', '--force', 'a.mp3', 'big.dat', 'UP'], path);
  run('git', ['annex', 'numcopies', '-q', '2'], path);
  run(
    'git',
    ['annex', 'metadata', '-q', 'a.mp3', '-t', 'done', '-s', 'year=2001', '-s', 'author=John Smith'],
    path,
  );
  run('git', ['annex', 'metadata', '-q', 'b.txt', '-t', 'draft', '-s', 'year=1999', '-s', 'pages=100'], path);
  run(
    'git',
    ['annex', 'metadata', '-q', 'weak', '-s', 'title=lower', '-s', 'pages=ten', '-s', 'year=2001.5'],
    path,
  );
  const here = run('git', ['config', 'annex.uuid'], path);
  const holders = Array.from({ length: 7 }, (_, i) => uuidOf(String((i * 3) % 10), i));
  const keys = new Map(files.map((file) => [file, run('git', ['annex', 'lookupkey', file], path)]));
  const logs: Record<string, string> = {
    'trust.log': byUuid([
      [holders[1] as string, '1'],
      [holders[2] as string, '0'],
      [holders[3] as string, 'X'],
    ]),
  };
  for (const [file, key] of keys) {
    const log = run('git', ['annex', 'examinekey', key, '--format=${hashdirlower}${key}.log'], path);
    const own = ['a.mp3', 'big.dat', 'UP', 'd/same'].includes(file) ? [] : [here];
    const present = [...holders.filter(() => random.below(3) === 0), ...own];
    logs[log] = present.map((uuid) => `1s 1 ${uuid}\n`).join('');
  }
  const scene: ExpressionScene = {
    path,
    here,
    holders,
    files,
    record: (changes) => journal(path, changes),
    ask: (option, uuid, ...more) => lines(run('git', ['annex', 'find', ...more, `${option}=${uuid}`], path)),
    lacking() {
      const { stdout } = attempt('git', ['annex', 'fsck', '--fast', '--json', '--json-error-messages'], path);
      const found = new Map<string, Set<string>>();
      for (const line of lines(stdout)) {
        const { file, missingrequired = [] } = JSON.parse(line) as {
          file: string;
          missingrequired?: { uuid: string }[];
        };
        found.set(file, new Set(missingrequired.map(({ uuid }) => uuid)));
      }
      return found;
    },
    remove: sandbox.remove,
  };
  scene.record(logs);
  return scene;
}

/** Where the expressions stand: random groups, maximum sizes and preferred directories for some repositories. */
export function randomSettings(
  random: Random,
  scene: ExpressionScene,
  holders: readonly string[],
): Record<string, string> {
  const members = [...holders, ...scene.holders, scene.here].map(
    (uuid) =>
      [
        uuid,
        GROUPS.slice(0, -1)
          .filter(() => random.below(4) === 0)
          .join(' '),
      ] as const,
  );
  return {
    'group.log': byUuid([...members, [uuidOf('f', 0xfff), 'group-of-a-stranger \xff\xfe nosuch2']]),
    'group-preferred-content.log': [
      '1s g1 include=*.mp3 or copies=3',
      '1s g2 standard and not largerthan=1kb',
      '1s archive not present',
      '1s backup future=term',
      '1s unheard-of anything',
      '',
    ].join('\n'),
    'maxsize.log': scene.holders
      .filter(() => random.below(2) === 0)
      .map((uuid) => `1s ${uuid} ${random.pick([0, 600, 1500, 3200, 10_000, 100_000])}\n`)
      .join(''),
    'remote.log': byUuid(
      holders
        .filter(() => random.below(5) === 0)
        .map((uuid) => [uuid, 'name=x preferreddir=archive type=directory']),
    ),
  };
}

function journal(path: string, logs: Readonly<Record<string, string>>): void {
  const folder = join(path, '.git/annex/journal');
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(logs)) {
    writeFileSync(join(folder, name.replaceAll('_', '__').replaceAll('/', '_')), content, 'latin1');
  }
  rmSync(join(path, '.git/annex/reposize'), { recursive: true, force: true });
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
