import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Key } from '../../src/domain/key.js';
import { parseKey } from '../../src/domain/key.js';
import {
  cannotBePointer,
  parsePointer,
  parseSymlink,
  pointerContent,
  symlinkTarget,
} from '../../src/domain/pointers.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { ascii } from '../../src/lib/bytes.js';
import { anyKey, bytesWithout } from './arbitraries.js';
import type { Judge } from './judge.js';
import { createJudge } from './judge.js';

const key = 'SHA256E-s3--abc.txt';
const pointer = `/annex/objects/${key}`;

const targets = [
  `.git/annex/objects/aa/bb/${key}/${key}`,
  `.git/annex/objects/${key}`,
  pointer,
  `annex/objects/${key}`,
  `../../x/.git/annex/objects/aa/bb/${key}/${key}`,
  `../.git/modules/sub/annex/objects/aa/bb/${key}/${key}`,
  `../.git/worktrees/w/annex/objects/aa/bb/${key}/${key}`,
  `.git/annex/objects/aa/bb/${key}/MD5-s1--zz`,
  `.git/annex/objects/aa/bb/${key}`,
  `fooannex/objects/${key}`,
  `.git/annex/objects/aa/bb/${key}/${key}/`,
  '.git/annex/objects/aa/bb/K/notakey',
  `.git\\annex\\objects\\aa\\bb\\${key}\\${key}`,
  '.git/annex/objects/aa/bb/x/SHA256-s03--a',
  'x/annex/objects/aa/bb/A--a&sb%c&cd&qe&a/A--a&sb%c&cd&qe&a',
  `.git/annex/objects/${key}\n`,
  `.git/annex/objects/${key}\nfoo`,
  `annex/objects/aa/annex/objects/${key}`,
  `.git/annex/objects/../../${key}`,
  `.git/annex//objects/${key}`,
  '.git/annex/objects/A-S1--\xc3\xa9&',
  '.git/annex/objects/',
];

const contents = [
  pointer,
  `${pointer}\n`,
  `${pointer}\r\n`,
  `${pointer}\r`,
  `${pointer}\r\r\n`,
  `${pointer}\n\n`,
  `${pointer}\nfoo\n`,
  `${pointer}\n/annex/\n`,
  `${pointer}\n/annex/x`,
  `${pointer}\nfoo/annex/bar\nq/annex/\n`,
  `${pointer}\n/annex/\nfoo\n`,
  `${pointer}\nfoo\n/annex/\n`,
  `annex/objects/${key}\n`,
  `.git/annex/objects/aa/bb/${key}/${key}\n`,
  `x${pointer}\n`,
  `x\n${pointer}\n`,
  `\n${pointer}\n`,
  `${pointer} \n`,
  '/annex/objects/A--a%b&sc\n',
  '/annex/objects/A--a/b\n',
  `${pointer}\r\n/annex/\r\n`,
  `${pointer}\n${'/annex/x\n'.repeat(3637)}`,
  `${pointer}\n${'/annex/x\n'.repeat(3638)}`,
  `/annex/objects/A--${'x'.repeat(32750)}`,
  `/annex/objects/A--${'x'.repeat(32751)}`,
];

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

/** What git-annex takes staged files with these contents for. */
function judged(mode: string, name: string, texts: readonly string[]): string[] {
  const files = new Map(texts.map((text, i) => [`${name}${i}`, text]));
  judge.replaceBranch(files, 'refs/heads/probe');
  const tree = judge.git(['ls-tree', '-r', 'refs/heads/probe']).trim().split('\n');
  judge.git(['update-index', '--index-info'], {
    input: tree.map((line) => `${line.replace('100644', mode)}\n`).join(''),
  });
  const names = [...files.keys()];
  return judge
    .annex(['lookupkey', '--batch'], { input: names.map((file) => `${file}\n`).join('') })
    .split('\n')
    .slice(0, -1);
}

test('symlink targets are read as git-annex reads them', () => {
  expect(targets.map((target) => parseSymlink(ascii(target)) ?? '')).toEqual(
    judged('120000', 'link', targets),
  );
});

test('pointer files are read as git-annex reads them', () => {
  expect(contents.map((content) => parsePointer(ascii(content)) ?? '')).toEqual(
    judged('100644', 'pointer', contents),
  );
});

test('targets are relative to the directory of the file', () => {
  const name = 'SHA1-s0--da39a3ee5e6b4b0d3255bfef95601890afd80709';
  const made = symlinkTarget(parseKey(name) as Key, ascii('sub/dir/file'));
  expect(made).toBe(
    `../../.git/annex/objects/${judge.annex(['examinekey', name, '--format=${hashdirmixed}'])}${name}/${name}`,
  );
  expect(symlinkTarget(parseKey(name) as Key, ascii('file'))).toMatch(/^\.git\/annex\/objects\//);
});

test('what is made is read back', () => {
  fc.assert(
    fc.property(anyKey, bytesWithout('\\0', { minLength: 1 }), (made, file) => {
      fc.pre(!made.endsWith('\r'));
      expect(parseSymlink(symlinkTarget(made, file))).toBe(made);
      const content = pointerContent(made);
      expect(parsePointer(content)).toBe(made);
      expect(cannotBePointer(content)).toBe(false);
    }),
  );
});

test('files that are ruled out by their start are no pointers', () => {
  expect(cannotBePointer(ascii('#!/bin/sh\n'))).toBe(true);
  fc.assert(
    fc.property(bytesWithout(''), (content: ByteString) => {
      if (cannotBePointer(content)) expect(parsePointer(content)).toBeUndefined();
    }),
  );
});
