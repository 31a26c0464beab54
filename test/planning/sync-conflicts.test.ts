import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Key } from '../../src/domain/key.js';
import { symlinkTarget } from '../../src/domain/pointers.js';
import type { ByteString } from '../../src/lib/bytes.js';
import type { ConflictSide } from '../../src/planning/sync-conflicts.js';
import { resolveConflict } from '../../src/planning/sync-conflicts.js';
import type { Judge } from '../domain/judge.js';
import { createJudge } from '../domain/judge.js';

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

const files = [
  ...[
    'f',
    'f.txt',
    'a.tar.gz',
    '.hidden',
    '.hidden.txt',
    'd.ir/x',
    'd/x.y',
    'end.',
    'two..dots',
    'sp ace.t xt',
  ],
  ...[
    'longext.abcdefghijklmnop',
    'old.variant-1234.txt',
    '\xc3\xa9.\xc3\xa9',
    `${'n'.repeat(200)}.txt`,
    'x.123456',
  ],
] as ByteString[];

const keyOf = (side: string, file: ByteString): Key =>
  `MD5-s${files.indexOf(file)}--${side.repeat(32)}` as Key;
const side = (name: string, file: ByteString): ConflictSide => ({
  mode: '120000' as ByteString,
  sha: name as ByteString,
  key: keyOf(name, file),
});

function commitLinks(branch: string, name: string): void {
  judge.git(['checkout', '-q', '-b', branch, 'base']);
  for (const file of files) {
    const path = join(judge.dir, Buffer.from(file, 'latin1').toString());
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(symlinkTarget(keyOf(name, file), file), path);
  }
  judge.git(['add', '-A']);
  judge.git(['commit', '-q', '--no-verify', '-m', branch]);
}

test('variants have the names that git-annex gives them', () => {
  judge.git(['commit', '-q', '--allow-empty', '-m', 'base']);
  judge.git(['branch', 'base']);
  commitLinks('ours', 'a');
  commitLinks('theirs', 'b');
  judge.git(['checkout', '-q', 'ours']);
  judge.git(['merge', '-q', 'theirs'], { allowFailure: true });
  judge.annex(['resolvemerge']);
  const judged = judge.git(['ls-files', '-z']).split('\0').slice(0, -1).sort();
  const made = files.flatMap((path) => {
    const resolved = resolveConflict(
      { path, base: undefined, ours: side('a', path), theirs: side('b', path) },
      () => false,
    );
    return (resolved ?? []).map((entry) => entry.path);
  });
  expect(made.sort()).toEqual(judged);
});
