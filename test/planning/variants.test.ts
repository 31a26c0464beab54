import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Key, keyFileName } from '../../src/domain/key.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { type ConflictSide, resolveConflict } from '../../src/planning/sync-conflicts.js';
import { keepAll, keepOne, newestOf, rootOf, variantOf } from '../../src/planning/variants.js';

const bytes = (text: string) => text as ByteString;
const version = (path: string, time?: number) => ({ path: bytes(path), time });

const character = fc.constantFrom('a', 'B', '.', '-', ' ', '~', '\xe9', '\xff', 'variant-', '.variant-12ab');
const fileName = fc
  .array(character, { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''))
  .filter((name) => name !== '.' && name !== '..' && name.length < 120);
const path = fc
  .array(fileName, { minLength: 1, maxLength: 3 })
  .map((parts) => bytes(parts.join('/')))
  .filter((name) => !/(?:^|\/)\.git[^/]*$/.test(name));
const hex = fc.stringMatching(/^[0-9a-f]{40}$/);

it('knows the path that a variant was made from, whatever the path', () => {
  fc.assert(
    fc.property(path, hex, hex, fc.boolean(), fc.boolean(), (name, a, b, annexed, taken) => {
      fc.pre(a !== b);
      const side = (sha: string): ConflictSide => ({
        mode: bytes('100644'),
        sha: bytes(sha),
        key: annexed ? (`SHA1E-s3--${sha}.${sha.slice(0, 3)}` as Key) : undefined,
      });
      const conflict = { path: name, base: undefined, ours: side(a), theirs: side(b) };
      for (const entry of resolveConflict(conflict, () => taken, true) ?? []) {
        const { key, sha } = entry.side;
        const known = key === undefined ? bytes(`GIT--${sha}`) : keyFileName(key);
        expect(variantOf(entry.path, [known])).toBe(name);
      }
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['f.txt', undefined],
  ['f.variant-12.txt', undefined],
  ['f.variant-12ag.txt', undefined],
  ['.variant-12ab', undefined],
  ['d.variant-12ab/f', undefined],
  ['f.variant-12ab', 'f'],
  ['.variant-12ab.f', '.f'],
  ['d/f.tar.variant-12ab.gz', 'd/f.tar.gz'],
  ['f.variant-12ab.a.b', undefined],
])('%s is a variant of %s', (name, original) => {
  expect(variantOf(bytes(name), [])).toBe(original);
});

it('finds the file that a chain of conflicts began with', () => {
  expect(rootOf(bytes('d/f.variant-1234.txt'))).toBe('d/f.txt');
  expect(rootOf(bytes('d/f.txt'))).toBe('d/f.txt');
});

const conflict = {
  path: bytes('d/f.txt'),
  versions: [
    version('d/f.variant-1111.txt', 5),
    version('d/f.variant-2222.txt', 7),
    version('d/f.variant-3333.txt'),
  ],
};

it('keeps one version under the name of the file', () => {
  const [first, second] = conflict.versions;
  if (first === undefined || second === undefined) throw new Error('no versions');
  expect(newestOf(conflict.versions)).toBe(second);
  expect(keepOne(conflict, first)).toEqual({
    keep: [{ from: 'd/f.variant-1111.txt', to: 'd/f.txt' }],
    remove: ['d/f.variant-2222.txt', 'd/f.variant-3333.txt'],
  });
  const own = version('d/f.txt', 1);
  expect(keepOne({ ...conflict, versions: [own, first] }, own)).toEqual({
    keep: [{ from: 'd/f.txt', to: 'd/f.txt' }],
    remove: ['d/f.variant-1111.txt'],
  });
});

it('keeps all versions, numbered from the newest, beside what there is', () => {
  const taken = (name: ByteString) => name === 'd/f-2.txt';
  expect(keepAll(conflict, taken)).toEqual({
    keep: [
      { from: 'd/f.variant-2222.txt', to: 'd/f.txt' },
      { from: 'd/f.variant-1111.txt', to: 'd/f-3.txt' },
      { from: 'd/f.variant-3333.txt', to: 'd/f-4.txt' },
    ],
    remove: [],
  });
  const own = version('d/f.txt', 1);
  expect(
    keepAll({ ...conflict, versions: [own, version('d/f.variant-1111.txt', 5)] }, () => false).keep,
  ).toEqual([{ from: 'd/f.variant-1111.txt', to: 'd/f-2.txt' }]);
});
