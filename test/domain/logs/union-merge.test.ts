import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unionMerge, unionMergeAll } from '../../../src/domain/logs/union-merge.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import type { Judge } from '../judge.js';
import { createJudge } from '../judge.js';

const line = fc.oneof(
  fc.constantFrom(
    '1s 1 a',
    '2s 0 a',
    '2s 1 a',
    '3s 1 b',
    'a foo timestamp=1s',
    'b',
    '',
    ' ',
    'a',
    'a\0b',
    '\xff',
    '\xc3\xa9',
    'z',
    'a\r',
  ),
  fc.stringMatching(/^[ -~]{0,12}$/),
);
const content = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\n', '\n', ''))
  .map(([lines, end]) => (lines.length === 0 ? '' : `${lines.join('\n')}${end}`) as ByteString);

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
  judge.git(['remote', 'add', 'other', '/nonexistent']);
  judge.git(['remote', 'add', 'third', '/nonexistent']);
});
afterAll(() => judge.dispose());

test('merges to the bytes that git-annex merge gives, whatever the kind of file', () => {
  const names = [
    'uuid.log',
    'remote.log',
    'export.log',
    'some/dir/A--b.log',
    'some/dir/A--b.log.met',
    'A--b.log.web',
  ];
  const cases = fc
    .sample(fc.tuple(content, content, content), { numRuns: 500, seed: 3 })
    .map((versions, i) => ({
      path: i < names.length ? (names[i] as string) : `dir/SHA1--${i}.log`,
      versions,
    }));
  judge.replaceBranch(new Map(cases.map(({ path, versions }) => [path, versions[0]])));
  judge.replaceBranch(
    new Map(cases.map(({ path, versions }) => [path, versions[1]])),
    'refs/remotes/other/git-annex',
  );
  judge.replaceBranch(
    new Map(cases.map(({ path, versions }) => [path, versions[2]])),
    'refs/remotes/third/git-annex',
  );
  judge.annex(['merge']);
  for (const { path, versions } of cases) {
    const [ours, other, third] = versions;
    expect([path, ...versions, unionMergeAll(ours, [third, other])]).toEqual([
      path,
      ...versions,
      judge.read(path),
    ]);
  }
});

test('the same lines give the same lines, in whatever order versions come', () => {
  const linesOf = (text: ByteString): Set<string> => new Set(text.split('\n'));
  fc.assert(
    fc.property(content, content, (a, b) => {
      const merged = unionMerge(a, b);
      expect(linesOf(`${merged}\n` as ByteString)).toEqual(linesOf(`${unionMerge(b, a)}\n` as ByteString));
      expect(unionMerge(merged, a)).toBe(merged);
      expect(unionMerge(merged, b)).toBe(merged);
      expect(unionMerge(a, a)).toBe(a);
    }),
  );
});
