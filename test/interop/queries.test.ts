import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ByteString } from '../../src/lib/bytes.js';
import { tryFileLock } from '../../src/repository/locks/file-lock.js';
import {
  BETA,
  CLUSTER,
  createQueryRepositories,
  DEAD,
  HERE,
  NAMES,
  sameAnswer,
  TRUSTED,
} from '../support/query-scene.js';
import { createScene, type Ended, type RunOptions, type Scene } from '../support/scene.js';

let scene: Scene;
let key: string;
let textKey: string;

beforeAll(() => {
  scene = createScene({ resident: true });
  createQueryRepositories(scene, 'base');
  const here = scene.repository('base/here');
  key = here.must('real', 'lookupkey', 'f').trim();
  textKey = here.must('real', 'lookupkey', 'd/g.txt').trim();
});
afterAll(() => scene.remove());

const same = (args: readonly string[], options?: RunOptions, folder = ''): Ended =>
  sameAnswer(scene, args.map(filled), scene.path('base', 'here', folder), options);
/** A test for each list of arguments, named by its words, that both programs answer the same. */
function sameForEach(command: readonly string[], lists: readonly (readonly string[])[]): void {
  test.each(lists.map((args) => ({ args, name: [...command, JSON.stringify(args.join(' '))].join(' ') })))(
    '$name',
    ({ args }) => void sameAnswer(scene, [...command, ...args].map(filled), scene.path('base', 'here')),
  );
}
/** KEY and TEXTKEY stand for keys that are known when the tests run. */
const filled = (text: string): string => text.replace('TEXTKEY', textKey).replace('KEY', key);
const input = (...lines: string[]): RunOptions => ({
  input: lines.map((line) => `${filled(line)}\n`).join(''),
});
const zeros = (...names: string[]): RunOptions => ({
  input: names.map((name) => `${filled(name)}\0`).join(''),
});

describe('whereis', () => {
  sameForEach(
    ['whereis'],
    [
      [],
      ['--json'],
      ['f'],
      ['--json', 'f', 'd'],
      ['--', ...NAMES],
      ['--json', '--', ...NAMES],
      ['new\nline'],
      ['url'],
      ["it's.txt"],
      ['plain'],
      ['nosuch'],
      ['--json', '--json-error-messages', 'nosuch'],
      ['nosuch', 'f', 'nosuch2'],
      ['--all'],
      ['--all', '--json'],
      ['--key=KEY'],
      ['--key=KEY', '--json'],
      ['--key=SHA256E-s3--nope'],
      ['--key=SHA256E-s3--nope', '--json'],
      ['--key=bad'],
      ['--branch=HEAD'],
      ['--branch=HEAD', '--json'],
      ['--unused'],
      ['--branch=HEAD', 'f'],
      ['--untrust=b', 'f'],
      ['--semitrust=trusted one', '--untrust=here', 'f'],
      ['-q', 'f', "it's.txt"],
      ['--in=b', '--json'],
      ['--all', '--not', '--in=here'],
    ],
  );

  test.each([
    '${file} ${key} ${backend} ${bytesize} ${humansize} ${keyname} ${hashdirlower} ${hashdirmixed} ${mtime} ${bogus}\\n',
    '${file} ${uuid} ${description}\\n',
    '${file} ${url}\\n',
    '${escaped_file} ${uuid;40}|${url;-30}|\\n',
    'x\\n',
  ])('--format %s', (format) => void same(['whereis', `--format=${format}`]));

  test('below the top', () => {
    same(['whereis'], {}, 'd');
    same(['whereis', '../f', 'g.txt', '.', '--json'], {}, 'd');
  });

  test('--batch answers every line, a blank one where there is nothing to tell', () => {
    const lines = ['f', 'nosuch', '', 'plain', '../here/f', 'd', ...NAMES];
    same(['whereis', '--batch'], input(...lines));
    same(['whereis', '--batch', '--json'], input(...lines));
    same(['whereis', '--batch', '-z', '--format=${file}\\n'], zeros('f', 'nosuch'));
    same(['whereis', '--batch-keys'], input('KEY', 'bad'));
    same(['whereis', '--batch-keys', '--json'], input('KEY', 'TEXTKEY'));
    same(['whereis', '--batch', 'f']);
  });
});

describe('find and findkeys', () => {
  sameForEach(
    ['find'],
    [
      [],
      ['--json'],
      ['--print0'],
      ['f', 'd'],
      ['--json', '--', ...NAMES],
      ["it's.txt"],
      ['plain'],
      ['nosuch', 'f'],
      ['--branch=HEAD'],
      ['--branch=HEAD', '--json'],
      ['--branch=HEAD', '--branch=HEAD:d'],
      ['-q'],
      ['-q', '--json', 'f'],
      ['--json', '--format=x\\n', 'f'],
      ['--format=${file;30}|${file;-30}|${escaped_file}|\\t\\101\\x \\u${bogus}\\n'],
      [
        '--format=${key} ${keyname} ${backend} ${bytesize} ${humansize} ${mtime} ${hashdirlower} ${hashdirmixed}\\n',
      ],
      ['--format=${file'],
      ['--not', '--in=here'],
      ['--anything', '--json', '--', "it's.txt"],
      ['--branch=HEAD', '--include=*.txt', '--anything'],
    ],
  );

  test('find below the top, and --batch', () => {
    same(['find'], {}, 'd');
    same(['find', '../f', '--json'], {}, 'd');
    same(['find', '--batch'], input('f', "it's.txt", 'plain', 'nosuch', '', ...NAMES));
    same(['find', '--batch', '--json'], input('f', "it's.txt", 'plain'));
    same(['find', '--batch', '--format=${key}\\n'], input('f', 'plain'));
    same(['find', '--batch', '-z'], zeros('f', 'plain', 'd/g.txt'));
  });

  sameForEach(
    ['findkeys'],
    [[], ['--json'], ['--print0'], ['--format=${key} ${bytesize}\\n'], ['extra'], ['--include=*']],
  );
});

describe('info', () => {
  const items = [
    'f',
    'url',
    "it's.txt",
    'd',
    '.',
    './d',
    'd/',
    'b',
    'here',
    'web',
    'bittorrent',
    'alpha',
    'HEAD',
  ];
  const uuids = [HERE, BETA, DEAD, TRUSTED, 'trusted one', 'no-description', 'beta'];
  sameForEach(
    ['info'],
    [
      [],
      ['--json'],
      ['--bytes'],
      ['--bytes', '--json'],
      ['--fast'],
      ['--fast', '--json'],
      ['-q'],
      ['--dead-repositories'],
      ['--dead-repositories', '--json'],
      ['--autoenable'],
      ['--autoenable', '--json'],
      items,
      ['--json', ...items],
      ['--bytes', ...items],
      ['--fast', ...items],
      uuids,
      ['--json', ...uuids],
      ['--json', '--fast', ...uuids],
      ['HEAD:d', 'HEAD:f', 'HEAD~1', 'main', 'nosuch', 'plain'],
      ['--json', 'nosuch', 'plain', ''],
      ['-q', 'nosuch'],
      ['--', ...NAMES],
      ['--json', 'new\nline', 'bad\xff'],
      ['--numcopies=3', '.'],
      ['--untrust=b', '.', 'b'],
      ['--in=b', '--bytes'],
      ['--include=*.txt', '--or', '--in=b', '.', 'd'],
      ['--copies=2', 'd', 'b', 'here'],
    ],
  );

  test('of a cluster says what git-annex says of it, and then of its nodes', () => {
    const { ours, real } = scene.repository('base/here');
    for (const name of [CLUSTER, 'cluster mycl'])
      for (const options of [[], ['--fast']]) {
        const theirs = real('info', ...options, name).stdout;
        const mine = ours('info', ...options, name).stdout;
        expect(mine.slice(0, theirs.length)).toBe(theirs);
        expect(mine.slice(theirs.length)).toMatch(/^cluster nodes: 2\n\t.*\n\t.*\n$/);
        const [json, plain] = [ours, real].map((program) =>
          JSON.parse(program('info', '--json', ...options, name).stdout),
        );
        expect(json['cluster nodes']).toHaveLength(2);
        expect({ ...json, 'cluster nodes': undefined }).toEqual({ ...plain, 'cluster nodes': undefined });
      }
  });

  test('below the top', () => {
    same(['info', '.', '..', '../f', 'b', 'g.txt'], {}, 'd');
  });

  test('--batch', () => {
    same(['info', '--batch'], input('f', 'nosuch', 'd', 'b'));
    same(['info', '--batch', '--json'], input('f', '', 'nosuch', 'HEAD'));
    same(['info', '--batch', '-z', '--fast'], zeros('f', 'd'));
  });

  test('settings of the repository', () => {
    const here = scene.repository('base/here');
    for (const [name, value] of [
      ['annex.bloomcapacity', '10'],
      ['annex.diskreserve', '1500kb'],
      ['remote.b.annex-cost', '12.5'],
      ['remote.b.annex-trustlevel', 'untrusted'],
    ] as const) {
      here.git('config', name, value);
      same(['info', '--bytes']);
      same(['info', 'b', '--fast']);
      same(['whereis', 'f']);
      here.git('config', '--unset', name);
    }
  });
});

test('transfers in progress are those whose lock is held', () => {
  const folder = `${scene.path('base/here/.git/annex/transfer')}/upload/${BETA}`;
  const locks = [key, textKey].map((of) => tryFileLock(`${folder}/lck.${of}` as ByteString, 'exclusive'));
  writeFileSync(`${folder}/${key}`, '1795299441.5s 327520\nd/e/tw"in');
  writeFileSync(`${folder}/SHA256E-s1--stale`, '1795299441.5s 1\nstale');
  try {
    same(['info', '--fast']);
    same(['info', '--fast', '--json']);
  } finally {
    for (const lock of locks) lock?.unlinkAndRelease();
    rmSync(folder, { recursive: true });
  }
});

test('leftovers of transfers and of fsck', () => {
  const annex = scene.path('base/here/.git/annex');
  for (const folder of ['tmp', 'bad']) {
    mkdirSync(`${annex}/${folder}`, { recursive: true });
    writeFileSync(`${annex}/${folder}/${key}`, Buffer.alloc(5000));
  }
  same(['info']);
  same(['info', '--json']);
  for (const folder of ['tmp', 'bad']) rmSync(`${annex}/${folder}`, { recursive: true });
});

test('special remotes', () => {
  mkdirSync(scene.path('special'));
  const here = scene.repository('base/here');
  const directory = `directory=${scene.path('special')}`;
  for (const [name, ...more] of [
    ['plain-directory', 'autoenable=true'],
    ['tree', 'exporttree=yes', 'importtree=yes'],
  ]) {
    here.must('real', 'initremote', name as string, 'type=directory', directory, 'encryption=none', ...more);
  }
  same(['info', '--fast']);
  same(['info', '--autoenable']);
  same(['info', '--autoenable', '--json']);
  same(['whereis', 'f']);
});

describe('plumbing', () => {
  sameForEach(
    [],
    [
      ['lookupkey', 'f', './f', 'd/../f', '../here/f', 'big.dat', 'unlocked.bin', '--', ...NAMES],
      ['lookupkey', 'f', 'plain', 'f'],
      ['lookupkey', 'nosuch'],
      ['lookupkey', '--ref', 'HEAD:f', 'HEAD:big.dat', 'HEAD:plain', 'HEAD:f'],
      ['lookupkey'],
      ['calckey', 'plain', './plain', 'f', 'big.dat', 'd/g.txt', '--', '-dash'],
      ['calckey', 'plain', 'd', 'f'],
      ['calckey', '--backend=MD5E', 'big.dat', 'plain'],
      ['calckey', 'nosuch'],
      ['contentlocation', 'KEY', 'TEXTKEY', 'SHA256E-s3--nope', 'KEY'],
      ['contentlocation', 'bad'],
      ['contentlocation'],
      ['examinekey', 'KEY', 'TEXTKEY', 'bad', 'KEY'],
      [
        'examinekey',
        '--json',
        'KEY',
        'WORM-s1-m12345--foo%bar&a:b/c',
        'URL--http&c%%x%y',
        'SHA256E-s3-S100-C2--abc',
      ],
      ['examinekey', '--json', 'WORM-s1--a\xff'],
      ['examinekey', '--format=${objectpath} ${objectpointer}${file}|${key}|${humansize}\\n', 'KEY'],
      ['examinekey', '--filename=x.foo', '--json', 'KEY'],
      ['examinekey', '--migrate-to-backend=SHA256', 'KEY', 'TEXTKEY'],
      [
        'examinekey',
        '--migrate-to-backend=SHA256E',
        '--filename=foo.tar.gz',
        'SHA256-s3--abc',
        'KEY',
        'MD5-s3--abc',
      ],
      ['examinekey', '--migrate-to-backend=MD5E', '--filename=sub.desc.long.nii.gz', 'MD5-s3--abc'],
      ['examinekey', '--migrate-to-backend=BOGUS', 'KEY'],
      ['config', '--get', 'annex.numcopies'],
      ['config', '--get', 'annex.bogus'],
      ['config', '--show-origin', 'annex.uuid'],
      ['config', '--show-origin', 'annex.largefiles'],
      ['config', '--show-origin', 'annex.bogus'],
      ['numcopies'],
      ['mincopies'],
    ],
  );

  test('sizes for people', () => {
    const sizes = [
      0, 1, 999, 1000, 1005, 1015, 1234, 9999, 12345, 994999, 999999, 1e6, 123456789, 1.2e15, 1.3e27,
    ];
    const keys = sizes.map((size) => `SHA256-s${BigInt(size)}--x`);
    same(['examinekey', '--format=${bytesize} ${humansize}\\n', ...keys]);
  });

  test('--batch', () => {
    same(['lookupkey', '--batch'], input('f', 'plain', '', 'd', ...NAMES));
    same(['lookupkey', '--batch', '-z'], zeros('f', 'd/g.txt'));
    same(['lookupkey', '--batch', '--ref'], input('HEAD:f', 'f'));
    same(['contentlocation', '--batch'], input('KEY', 'SHA256E-s3--nope', 'bad'));
    same(['contentlocation', '--batch', '-z'], zeros('KEY'));
    same(['examinekey', '--batch', '--json'], input('KEY foo bar.txt', 'KEY', ''));
    same(['examinekey', '--batch', '--migrate-to-backend=SHA256'], input('KEY x.tar.gz'));
    same(['lookupkey', '--batch', 'f']);
    same(['calckey', '--batch'], input('plain', 'nosuch', '', 'f'));
    same(['calckey', '--batch', '-z'], zeros('new\nline', 'd'));
  });

  test('below the top', () => {
    same(['contentlocation', 'KEY'], {}, 'd');
    same(['lookupkey', 'g.txt', '../f', 'f'], {}, 'd');
    same(['examinekey', '--format=${objectpath}\\n', 'KEY'], {}, 'd');
  });
});

test('outside a git repository, and in one that is no annex, nothing is told', () => {
  for (const args of [['whereis'], ['find'], ['info'], ['lookupkey', 'f'], ['numcopies']]) {
    for (const place of ['.', 'plain']) {
      if (place === 'plain') scene.create('plain', { by: 'none' });
      const ours = scene.annex('ours', args, scene.path(place));
      const real = scene.annex('real', args, scene.path(place));
      expect(ours.status, args.join(' ')).toBe(real.status);
      expect(ours.stdout).toBe(real.stdout);
    }
  }
});
