import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { annexFolder, censusOf, keyFor, listing } from '../support/census.js';
import { expectAnnexSound, expectSound } from '../support/judge.js';
import { shown } from '../support/twins.js';
import { createScene, type Ended, type Repository, type Scene } from '../support/scene.js';

/** Commands that need an initialised repository, with operands that would be right in one. */
const COMMANDS = [
  ['add', 'one'],
  ['get', 'one'],
  ['drop', 'one'],
  ['copy', '--to', 'origin', 'one'],
  ['move', '--to', 'origin', 'one'],
  ['whereis', 'one'],
  ['find', 'one'],
  ['info', '--fast'],
  ['fsck', 'one'],
  ['merge'],
  ['pull'],
  ['push'],
  ['sync'],
  ['numcopies', '2'],
  ['mincopies', '2'],
  ['trust', 'here'],
  ['untrust', 'here'],
  ['semitrust', 'here'],
  ['dead', 'here'],
  ['describe', 'here', 'x'],
  ['config', '--get', 'annex.numcopies'],
  ['lookupkey', 'one'],
  ['contentlocation', keyFor('one\n')],
  ['setpresentkey', keyFor('one\n'), 'b2d11e1c-0000-4000-8000-000000000001', '1'],
];
const EMPTY = { status: 1, stdout: '' };

let scene: Scene;
let count = 0;
beforeAll(() => {
  scene = createScene({ resident: true });
});
afterAll(() => scene.remove());

const trace = /^\s+at /m;

function expectRefusal(ended: Ended, sentence: RegExp | string): void {
  expect({ status: ended.status, stdout: ended.stdout }).toEqual(EMPTY);
  expect(ended.stderr).toMatch(sentence);
  expect(ended.stderr).not.toMatch(trace);
}

describe('where there is no repository', () => {
  let folder: string;
  beforeAll(() => {
    folder = scene.path('plain');
    mkdirSync(folder);
    writeFileSync(join(folder, 'one'), 'one\n');
  });

  test('every command says so and changes nothing', () => {
    const before = listing(folder);
    for (const args of [['init'], ...COMMANDS])
      expectRefusal(scene.annex('ours', args, folder), 'Not in a git repository.');
    expect(listing(folder)).toEqual(before);
  });
});

describe('a git repository that git-annex does not know', () => {
  let repository: Repository;
  beforeAll(() => {
    repository = scene.create('uninitialised', { by: 'none' });
    repository.write('one', 'one\n');
    repository.git('add', '.');
    repository.git('commit', '-qm', 'one');
  });

  test('every command asks for init and changes nothing', () => {
    const before = listing(repository.path);
    for (const args of COMMANDS) expectRefusal(repository.ours(...args), 'First run: git-annex');
    expect(listing(repository.path)).toEqual(before);
  });

  test('commands that need no repository work', () => {
    expect(repository.ours('version', '--raw').status).toBe(0);
    expect(repository.ours('examinekey', keyFor('x')).status).toBe(0);
    expect(repository.git('for-each-ref', 'refs/heads/git-annex')).toBe('');
  });
});

describe('a clone of an annex', () => {
  let source: Repository;
  let clone: Repository;
  beforeAll(() => {
    source = scene.create('auto-source');
    source.write('one', 'one\n');
    source.must('real', 'add', 'one');
    source.git('commit', '-qm', 'one');
  });
  beforeEach(() => {
    clone = scene.clone('auto-source', `auto-${count++}`, { by: 'none' });
  });

  test.each(
    named([
      ['find'],
      ['get', 'one'],
      ['info', '--fast'],
      ['whereis'],
      ['sync'],
      ['pull'],
      ['fsck', '--fast', 'one'],
      ['lookupkey', 'one'],
      ['merge'],
      ['drop', 'one'],
      ['numcopies'],
      ['config', '--get', 'annex.numcopies'],
      ['contentlocation', keyFor('one\n')],
      ['add', '.'],
    ]),
  )('is initialised silently by %s', (_, args) => {
    const twin = scene.clone('auto-source', `auto-${count++}`, { by: 'none' });
    const real = twin.real(...args);
    const ours = clone.ours(...args);
    expect(ours.status).toBe(real.status);
    expect(ours.stdout + ours.stderr).not.toContain('init');
    expect(clone.git('config', 'annex.version')).toBe(twin.git('config', 'annex.version'));
    expect(clone.git('config', 'annex.uuid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(clone.git('config', 'remote.origin.annex-uuid')).toBe(source.git('config', 'annex.uuid'));
    expectSound(clone, { missingCopies: true });
    rmSync(twin.path, { recursive: true, force: true });
  });

  test('is left alone by examinekey and version', () => {
    expect(clone.ours('examinekey', keyFor('x')).status).toBe(0);
    expect(clone.ours('version').status).toBe(0);
    expect(scene.run('git', ['config', 'annex.uuid'], clone.path).status).toBe(1);
  });

  test('is left alone where .noannex forbids it', () => {
    clone.write('.noannex', 'no\n');
    const { status, stdout, stderr } = clone.ours('whereis');
    expectRefusal({ status, stdout: stdout.trim(), stderr }, '.noannex');
    expect(scene.run('git', ['config', 'annex.uuid'], clone.path).status).toBe(1);
    expect(clone.git('for-each-ref', 'refs/heads/git-annex')).toBe('');
  });

  test('with only a local git-annex branch is initialised, too', () => {
    clone.git('branch', '-q', '--no-track', 'git-annex', 'origin/git-annex');
    clone.git('remote', 'remove', 'origin');
    expect(clone.ours('whereis').status).toBe(0);
    expectAnnexSound(clone, { missingCopies: true });
  });
});

describe('repositories of a kind we do not know', () => {
  test.each([
    ['a newer version', ['config', 'annex.version', '11']],
    ['a version far off', ['config', 'annex.version', '99']],
    ['a version that is no number', ['config', 'annex.version', 'ten; touch pwned']],
    ['other hash folders', ['config', 'annex.tune.objecthash1', 'true']],
  ])('%s: refused in one sentence and not touched', (_, config) => {
    const repository = scene.create(`kind-${count++}`);
    repository.write('one', 'one\n');
    repository.git(...config);
    const before = listing(repository.path);
    for (const args of [['add', 'one'], ['sync'], ['whereis'], ['fsck']]) {
      const ended = repository.ours(...args);
      expectRefusal(ended, /\S/);
      expect(ended.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
    }
    expect(listing(repository.path)).toEqual(before);
  });

  test('a branch with difference.log: refused and not touched', () => {
    const tuned = scene.create('tuned', { by: 'none' });
    expect(scene.annex('real', ['init', '-c', 'annex.tune.objecthash1=true'], tuned.path).status).toBe(0);
    tuned.write('one', 'one\n');
    const before = listing(tuned.path);
    expectRefusal(tuned.ours('add', 'one'), /\S/);
    expect(listing(tuned.path)).toEqual(before);

    const clone = scene.clone('tuned', 'tuned-clone', { by: 'none' });
    expectRefusal(clone.ours('whereis'), /\S/);
    expect(clone.ours('init').status).toBe(1);
    expect(clone.git('for-each-ref', 'refs/heads/git-annex')).toBe('');
  });
});

describe('remotes', () => {
  let repository: Repository;
  let origin: Repository;
  let other: Repository;
  let folder: string;

  beforeAll(() => {
    const first = scene.create('remotes/origin');
    for (const name of ['here', 'there']) first.write(name, `${name}\n`);
    first.must('real', 'add', '.');
    first.git('commit', '-qm', 'two files');
    const clone = scene.clone('remotes/origin', 'remotes/here');
    clone.must('real', 'get', 'here');
    clone.must('real', 'sync');
    scene.clone('remotes/origin', 'remotes/other').must('real', 'get', '.');
    scene.create('remotes/stranger');
    clone.git('remote', 'set-url', 'origin', '../origin');
    first.must('real', 'merge');
  });

  beforeEach(() => {
    const prefix = `remotes-${count++}`;
    scene.copy('remotes', prefix);
    folder = scene.path(prefix);
    repository = scene.repository(`${prefix}/here`);
    origin = scene.repository(`${prefix}/origin`);
    other = scene.repository(`${prefix}/other`);
  });

  test.each(
    named([
      ['get', '--from', 'nosuch', '.'],
      ['copy', '--to', 'nosuch', '.'],
      ['copy', '--from', 'nosuch', '.'],
      ['move', '--to', 'nosuch', '.'],
      ['move', '--from', 'nosuch', '.'],
      ['drop', '--from', 'nosuch', '.'],
      ['fsck', '--from', 'nosuch', '.'],
      ['sync', 'nosuch'],
      ['pull', 'nosuch'],
      ['push', 'nosuch'],
      ['find', '--in', 'nosuch'],
      ['sync', 'origin', 'nosuch'],
      ['get', '--from', '--upload-pack=touch pwned', '.'],
      ['sync', '../origin'],
    ]),
  )('unknown: %s', (_, words) => {
    const before = kept(repository);
    const real = repository.real(...words);
    expect(kept(repository)).toEqual(before);
    const first = ({ status, stdout, stderr }: Ended) => ({ status, stdout, stderr: stderr.split('\n')[0] });
    expect(first(shown(repository.ours(...words)))).toEqual(first(shown(real)));
    expect(kept(repository)).toEqual(before);
  });

  const broken: Record<string, { breakIt(): void; mend(): void; under?: readonly string[] }> = {
    'that are gone': {
      breakIt: () => renameSync(origin.path, join(folder, 'gone')),
      mend: () => renameSync(join(folder, 'gone'), origin.path),
    },
    'that are a file now': {
      breakIt: () => {
        renameSync(origin.path, join(folder, 'gone'));
        writeFileSync(origin.path, 'a file\n');
      },
      mend: () => {
        rmSync(origin.path);
        renameSync(join(folder, 'gone'), origin.path);
      },
    },
    'that are an empty folder now': {
      breakIt: () => {
        renameSync(origin.path, join(folder, 'gone'));
        mkdirSync(origin.path);
      },
      mend: () => {
        rmSync(origin.path, { recursive: true });
        renameSync(join(folder, 'gone'), origin.path);
      },
    },
    'that cannot be read': {
      breakIt: () => scene.run('chmod', ['000', origin.path], folder),
      mend: () => scene.run('chmod', ['755', origin.path], folder),
      under: withoutOverride(),
    },
  };

  describe.each(Object.entries(broken))('%s', (_, { breakIt, mend, under = [] }) => {
    const ours = (...args: string[]) => scene.annex('ours', args, repository.path, { under });

    test('give nothing, take nothing, prove nothing, and are named', () => {
      const before = censusOf(repository);
      breakIt();
      const commands = [
        ['get', 'there'],
        ['copy', '--to', 'origin', 'here'],
        ['move', '--to', 'origin', 'here'],
        ['move', '--from', 'origin', 'there'],
        ['drop', '--from', 'origin', 'here'],
        ['drop', 'here'],
        ['fsck', '--from', 'origin', 'here'],
        ['get', 'there'],
        ['whereis', 'here'],
      ];
      const all = commands.map((args) => scene.annex('ours', args, repository.path, { under }));
      mend();
      for (const [index, ended] of all.slice(0, -1).entries()) {
        const what = commands[index]?.join(' ');
        expect(ended.status, what).toBe(1);
        expect(ended.stdout + ended.stderr, what).toContain('failed');
        expect(ended.stdout + ended.stderr, what).not.toMatch(trace);
      }
      expect(all.at(-2)?.stdout).toContain('Unable to access these remotes: origin');
      expect(all.at(-1)?.stdout).toContain('2 copies');
      expect(censusOf(repository)).toEqual(before);
      repository.must('ours', 'get', 'there');
      repository.must('ours', 'sync');
      expectSound(repository);
      expectSound(origin);
    });

    test.each(named([['sync'], ['pull'], ['push'], ['sync', '--content']]))(
      'make %s end with a failure that names them, and hold up no other remote',
      (_, words) => {
        repository.git('remote', 'add', 'other', '../other');
        repository.write('new', 'new\n');
        repository.must('real', 'add', 'new');
        repository.git('commit', '-qm', 'new');
        breakIt();
        const ended = ours(...words);
        mend();
        expect(ended.status).toBe(1);
        expect(ended.stdout + ended.stderr).toContain('origin');
        expect(ended.stdout + ended.stderr).not.toMatch(trace);
        const reached = other.git('for-each-ref', '--format=%(refname)', 'refs/heads/synced');
        if (words[0] !== 'pull') expect(reached).toContain('refs/heads/synced/main');
        if (words.includes('--content') || words[0] === 'pull') {
          expect(censusOf(repository).intact).toContain(keyFor('there\n'));
        }
        expectSound(repository);
        repository.must('ours', 'sync');
        expectSound(origin, { missingCopies: true });
      },
    );
  });

  test('a stranger in the place of a remote is not taken for it', () => {
    const uuid = origin.git('config', 'annex.uuid');
    renameSync(origin.path, join(folder, 'gone'));
    renameSync(join(folder, 'stranger'), origin.path);
    expect(repository.ours('get', 'there').status).toBe(1);
    const drop = repository.ours('drop', 'here');
    expect(drop.status).toBe(1);
    expect(censusOf(repository).intact).toContain(keyFor('here\n'));
    repository.ours('copy', '--to', 'origin', 'here');
    const recorded = locations(repository, keyFor('here\n'));
    const stranger = origin.git('config', 'annex.uuid');
    expect(recorded.includes(stranger)).toBe(censusOf(origin).intact.includes(keyFor('here\n')));
    // What the absent repository has is neither confirmed nor denied.
    expect(recorded).toContain(uuid);
    expectSound(repository, { missingCopies: true });
    expectAnnexSound(origin, { missingCopies: true });
  });

  test('two names of one repository are one copy', () => {
    repository.git('remote', 'add', 'again', '../origin');
    repository.must('ours', 'sync');
    repository.must('ours', 'numcopies', '2');
    expect(repository.ours('drop', 'here').status).toBe(1);
    expect(censusOf(repository).intact).toContain(keyFor('here\n'));
    expectSound(repository, { missingCopies: true });
  });

  test('a remote that is this repository itself proves no copy', () => {
    repository.git('remote', 'set-url', 'origin', '.');
    repository.git('config', '--unset', 'remote.origin.annex-uuid');
    expect(repository.ours('drop', 'here').status).toBe(1);
    expect(censusOf(repository).intact).toContain(keyFor('here\n'));
    expect(existsSync(annexFolder(repository))).toBe(true);
  });
});

/** All of it but the folder for temporary files, which comes and goes. */
/** Lock files, empty, come and stay: git-annex's own and that of `sync`. */
const kept = ({ path }: Repository) =>
  listing(path, (name) => name === '.git/annex/othertmp' || name === '.git/annex/annex-ts');

/** Cases for `test.each` that show the command line. */
function named(commands: readonly string[][]): [string, string[]][] {
  return commands.map((args) => [args.join(' '), args]);
}

/** Uuids that have a key according to git-annex. */
function locations(repository: Repository, key: string): string[] {
  const { whereis } = JSON.parse(repository.must('real', 'whereis', '--json', '--key', key)) as {
    whereis: { uuid: string }[];
  };
  return whereis.map(({ uuid }) => uuid);
}

/** For root: runs a program without the right to read what permissions forbid. */
function withoutOverride(): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const rights = '-dac_override,-dac_read_search';
  return ['setpriv', '--bounding-set', rights, '--inh-caps', rights];
}
