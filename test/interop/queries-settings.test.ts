import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BETA, CLUSTER, comparable, createQueryRepositories, HERE } from '../support/query-scene.js';
import { createScene, type Ended, type Repository, type RunOptions, type Scene } from '../support/scene.js';

/** Both programs do the same to a copy of the same repositories each: texts, exit codes and logs must be the same. */
let scene: Scene;
let key: string;
let textKey: string;
let clock = 2_000_000_000;
let copies = 0;
let real: Repository;
let ours: Repository;

beforeAll(() => {
  scene = createScene({ resident: true });
  createQueryRepositories(scene, 'base');
  const here = scene.repository('base/here');
  key = here.must('real', 'lookupkey', 'f').trim();
  textKey = here.must('real', 'lookupkey', 'd/g.txt').trim();
});
afterAll(() => scene.remove());
beforeEach(() => {
  copies++;
  scene.copy('base', `real${copies}`);
  scene.copy('base', `ours${copies}`);
  real = scene.repository(`real${copies}/here`);
  ours = scene.repository(`ours${copies}/here`);
});

function same(args: readonly string[], options: RunOptions = {}): Ended {
  const mine = sameOutcome(args, options);
  expect(logs(ours), `logs after ${args.join(' ')}`).toEqual(logs(real));
  return mine;
}

function sameOutcome(args: readonly string[], options: RunOptions = {}): Ended {
  const env = { ...options.env, GIT_ANNEX_VECTOR_CLOCK: String(clock++) };
  const words = args.map(filled);
  const theirs = scene.annex('real', words, real.path, { ...options, env });
  const mine = scene.annex('ours', words, ours.path, { ...options, env });
  expect(comparable(mine), args.join(' ')).toEqual(comparable(theirs));
  return mine;
}
const filled = (text: string): string => text.replaceAll('TEXTKEY', textKey).replaceAll('KEY', key);

/** The git-annex branch, and what is left journalled. */
function logs(repository: Repository): string {
  const script = 'git ls-tree -r git-annex; cd .git/annex/journal; ls -A; cat * 2>/dev/null';
  return scene.run('sh', ['-c', script], repository.path).stdout;
}

describe('settings of repositories', () => {
  test('describe', () => {
    same(['describe', 'here', 'new', 'words  kept']);
    same(['describe', 'b', 'b\xc3\xa4ta "x"']);
    same(['describe', 'b\xc3\xa4ta "x"', 'beta']);
    same(['describe', CLUSTER, 'the cluster']);
    same(['describe', 'web', 'the web']);
    same(['describe', 'here', '']);
    same(['describe', 'b']);
    same(['describe', 'nosuch', 'x']);
    same(['describe', '-q', 'b', 'quiet']);
    same(['info', '--fast']);
    same(['whereis', 'f']);
  });

  test('trust levels', () => {
    same(['trust', 'b', 'here']);
    same(['trust', '--json', 'b']);
    same(['trust', '--json', '--json-error-messages', 'b']);
    same(['trust', '--force', 'b']);
    same(['semitrust', BETA]);
    same(['semitrust', BETA, '--json']);
    same(['untrust', 'b', 'here', '--json']);
    same(['untrust', '.']);
    same(['dead', 'dead repo']);
    same(['dead', 'b']);
    same(['dead', 'b', '--force']);
    same(['whereis', 'f']);
    same(['semitrust', 'here', 'b', 'web']);
    same(['untrust', 'nosuch']);
    same(['untrust']);
    same(['info', '--fast']);
    same(['describe', 'here', 'beta']);
    same(['untrust', 'trusted one']);
    same(['describe', 'trusted one', 'untr \xc3\xa9 desc']);
    same(['dead', 'untr \xc3\xa9 desc']);
    same(['info', 'untr \xc3\xa9 desc']);
    // What was done before the unknown name stays journalled with git-annex; we commit it.
    sameOutcome(['untrust', 'b', 'nosuch', 'here']);
  });

  test('dead keys', () => {
    same(['dead', '--key=KEY']);
    same(['dead', '--key=KEY', '--key=SHA256E-s1--none', '--json']);
    same(['dead', '--key=TEXTKEY']);
    same(['dead', '--key=TEXTKEY']);
    same(['dead', '--key=bad']);
    same(['whereis', '--all']);
    same(['findkeys', '--json']);
    same(['info', '--bytes']);
  });

  test('numcopies and mincopies', () => {
    for (const command of ['numcopies', 'mincopies']) {
      for (const words of [
        [],
        ['3'],
        [],
        ['3'],
        ['1'],
        ['0'],
        ['x'],
        ['1', '2'],
        ['1.5'],
        ['007'],
        [],
        ['--', '-1'],
      ]) {
        same([command, ...words]);
      }
    }
    same(['info', '.']);
    for (const repository of [real, ours]) repository.git('config', 'annex.numcopies', '5');
    same(['numcopies']);
  });

  test('config', () => {
    same(['config', '--set', 'annex.autocommit', 'false']);
    same(['config', '--get', 'annex.autocommit']);
    same(['config', '--show-origin', 'annex.autocommit']);
    same(['config', '--unset', 'annex.autocommit']);
    same(['config', '--unset', 'annex.autocommit']);
    same(['config', '--get', 'annex.autocommit']);
    same(['config', '--show-origin', 'annex.autocommit']);
    same(['config', '--set', 'annex.largefiles', 'include=\xc3\xa9"x and largerthan=1kb']);
    same(['config', '--get', 'annex.largefiles']);
    same(['config', '--set', 'annex.addunlocked', 'true']);
    same(['config', '--set', 'annex.numcopies', '2']);
    same(['config', '--get', 'annex.numcopies']);
    same(['config', '--set', 'annex.numcopies', '0']);
    same(['config', '--set', 'annex.numcopies', 'x']);
    same(['config', '--unset', 'annex.numcopies']);
    same(['config', '--set', 'annex.mincopies', '2']);
    same(['config', '--unset', 'annex.mincopies']);
    same(['config', '--set', 'annex.bogus', 'x']);
    same(['config', '--unset', 'annex.bogus']);
    same(['config', '--get', 'ANNEX.numcopies']);
    for (const repository of [real, ours]) {
      repository.write(
        '.gitattributes',
        '*.txt annex.numcopies=5 annex.largefiles=anything annex.backend=SHA1\n',
      );
    }
    const names = ['numcopies', 'mincopies', 'largefiles', 'backend', 'addunlocked', 'genmetadata'];
    for (const value of [undefined, '7']) {
      for (const name of names.map((one) => `annex.${one}`)) {
        if (value !== undefined) for (const repository of [real, ours]) repository.git('config', name, value);
        same(['config', '--show-origin', name]);
        same(['config', '--show-origin', name, '--for-file=f']);
        same(['config', '--show-origin', name, '--for-file=d/g.txt']);
      }
    }
  });
});

describe('setpresentkey', () => {
  test('changes the log, and leaves it journalled until the next command', () => {
    same(['setpresentkey', 'KEY', 'u1', '1']);
    same(['setpresentkey', 'KEY', 'u1', '1']);
    same(['setpresentkey', 'KEY', 'u1', '0', '--json']);
    same(['setpresentkey', 'KEY', HERE, '0', '-q']);
    same(['setpresentkey', 'WORM-s1--a b"\xc3\xa9', 'u1', '1', '--json']);
    same(['whereis', '--all']);
    same(['setpresentkey', 'KEY', 'u1', 'y']);
    same(['setpresentkey', 'KEY', 'u1']);
    same(['setpresentkey', 'bad', 'u1', '1']);
    same(['setpresentkey', 'a', 'b', 'c', 'd']);
    same(['setpresentkey']);
  });

  test('loses nothing beside git-annex', async () => {
    const keys = Array.from({ length: 150 }, (_, i) => `WORM-s1--${i}`);
    const statements = (uuid: string) => ({ input: keys.map((name) => `${name} ${uuid} 1\n`).join('') });
    const running = (['ours', 'real', 'ours'] as const).map((who, i) =>
      scene.start(who, ['setpresentkey', '--batch', '--quiet'], ours.path, statements(`writer${i}`)),
    );
    for (const { ended } of running) expect((await ended).status).toBe(0);
    const found = ours.real('whereis', '--all', '--format=${key} ${uuid}\\n').stdout;
    for (const name of keys) {
      for (const i of [0, 1, 2]) expect(found).toContain(`${name} writer${i}\n`);
    }
  });

  test('--batch does what comes before a bad line', () => {
    const batch = (...lines: string[]) => ({ input: lines.map((line) => `${filled(line)}\n`).join('') });
    same(['setpresentkey', '--batch'], batch('KEY u1 1', 'TEXTKEY u1 1', 'KEY u1 0', 'KEY u2 1'));
    same(['setpresentkey', '--batch', '--json'], batch('KEY u3 1', 'KEY u4 1', 'KEY u1 2', 'KEY u5 1'));
    same(['setpresentkey', '--batch'], batch('KEY u6 1', '', 'KEY u7 1'));
    same(['setpresentkey', '--batch'], batch('bad u6 1'));
    same(['setpresentkey', '--batch', '-z'], { input: filled('KEY u8 1\0KEY u9 1\0') });
    same(['setpresentkey', '--batch', 'KEY'], batch());
    same(['whereis', 'f']);
  });
});
