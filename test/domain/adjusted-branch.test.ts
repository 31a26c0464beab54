import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustEntry, adjustsMode, reverseAdjustment } from '../../src/domain/adjust-file.js';
import {
  type Adjustment,
  addsUnlocked,
  adjustedBranch,
  isAdjustingMessage,
  parseAdjustedBranch,
} from '../../src/domain/adjusted-branch.js';
import { buildGitCommit, parseGitCommit } from '../../src/domain/git-commit.js';
import { parseKey } from '../../src/domain/key.js';
import type { Key } from '../../src/domain/key.js';
import { pointerContent, symlinkTarget } from '../../src/domain/pointers.js';
import type { ByteString } from '../../src/lib/bytes.js';

const b = (text: string): ByteString => text as ByteString;

/** As git-annex names them. */
const names: readonly [string, Adjustment][] = [
  ['unlocked', { links: 'unlocked' }],
  ['locked', { links: 'locked' }],
  ['fixed', { links: 'fixed' }],
  ['hidemissing', { presence: 'hidemissing' }],
  ['hidemissing-unlocked', { presence: 'hidemissing', links: 'unlocked' }],
  ['hidemissing-locked', { presence: 'hidemissing', links: 'locked' }],
  ['hidemissing-fixed', { presence: 'hidemissing', links: 'fixed' }],
  ['unlockpresent', { presence: 'unlockpresent' }],
];

describe('names of adjusted branches', () => {
  it('are those of git-annex, and are read again', () => {
    const original = fc.constantFrom('master', 'a/b', 'odd(unlocked)', '\xe9', 'adjusted/x(locked)');
    fc.assert(
      fc.property(original, fc.constantFrom(...names), (name, [words, adjustment]) => {
        const branch = adjustedBranch(b(name), adjustment);
        expect(branch).toMatchObject({
          ref: `refs/heads/adjusted/${name}(${words})`,
          basisRef: `refs/basis/adjusted/${name}(${words})`,
          originalRef: `refs/heads/${name}`,
        });
        expect(parseAdjustedBranch(branch.name)).toEqual(branch);
      }),
    );
  });

  it('are not taken from other branches, or from adjustments of a later program', () => {
    for (const name of [
      'master',
      'adjusted/master',
      'adjusted/(unlocked)',
      'adjusted/master(hideunwanted)',
      'adjusted/master(unlocked-hidemissing)',
      'adjusted/master()',
      'adjusted/master(unlocked)x',
      'x/adjusted/master(unlocked)',
    ]) {
      expect(parseAdjustedBranch(b(name)), name).toBeUndefined();
    }
  });

  it('tell whether files are added unlocked', () => {
    const unlocked = names.filter(([, adjustment]) => addsUnlocked(adjustment)).map(([name]) => name);
    expect(unlocked).toEqual(['unlocked', 'hidemissing-unlocked', 'unlockpresent']);
    expect(isAdjustingMessage(b('git-annex adjusted branch\n'))).toBe(true);
    expect(isAdjustingMessage(b('git-annex adjusted branch too'))).toBe(false);
  });
});

describe('adjusted files', () => {
  const key = parseKey(
    'SHA256E-s4--2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806' as ByteString,
  ) as Key;
  const path = b('d/file');
  const link = { mode: b('120000'), path, key, content: symlinkTarget(key, path) };
  const moved = { ...link, content: symlinkTarget(key, b('file')) };
  const pointer = { mode: b('100755'), path, key, content: pointerContent(key) };
  const locked = { mode: '120000', content: link.content };
  const unlocked = { mode: '100644', content: pointer.content };

  it.each<[string, unknown[], unknown[]]>([
    ['unlocked', [unlocked, unlocked, 'kept'], [unlocked, unlocked, 'kept']],
    ['locked', ['kept', 'kept', locked], ['kept', 'kept', locked]],
    ['fixed', ['kept', locked, 'kept'], ['kept', locked, 'kept']],
    ['hidemissing', ['kept', 'kept', 'kept'], ['hidden', 'hidden', 'hidden']],
    ['hidemissing-unlocked', [unlocked, unlocked, 'kept'], ['hidden', 'hidden', 'hidden']],
    ['hidemissing-locked', ['kept', 'kept', locked], ['hidden', 'hidden', 'hidden']],
    ['hidemissing-fixed', ['kept', locked, 'kept'], ['hidden', 'hidden', 'hidden']],
    ['unlockpresent', [unlocked, unlocked, 'kept'], ['kept', 'kept', locked]],
  ])('%s: a link, one that was moved, a pointer; present and missing', (name, present, missing) => {
    const adjustment = new Map(names).get(name) as Adjustment;
    const entries = [link, moved, pointer];
    expect(entries.map((entry) => adjustEntry(adjustment, entry, () => true))).toEqual(present);
    expect(entries.map((entry) => adjustEntry(adjustment, entry, () => false))).toEqual(missing);
    for (const [i, entry] of entries.entries()) {
      if (present[i] !== 'kept' || missing[i] !== 'kept')
        expect(adjustsMode(adjustment, entry.mode)).toBe(true);
    }
    expect(adjustsMode(adjustment, b('160000')) || adjustsMode(adjustment, b('040000'))).toBe(false);
  });

  it('go back locked, unless the branch neither locks nor unlocks', () => {
    const reversed = names.map(([name, adjustment]) => [name, reverseAdjustment(adjustment).links]);
    expect(Object.fromEntries(reversed)).toEqual({
      unlocked: 'locked',
      locked: 'locked',
      fixed: 'fixed',
      hidemissing: undefined,
      'hidemissing-unlocked': 'locked',
      'hidemissing-locked': 'locked',
      'hidemissing-fixed': 'fixed',
      unlockpresent: 'locked',
    });
  });
});

describe('git commits', () => {
  it('are read again as they were built', () => {
    const sha = fc.stringMatching(/^[0-9a-f]{40}$/).map(b);
    const person = fc.stringMatching(/^[\x20-\x3b\x80-\xff]{1,20} <[a-z@]*> \d{1,10} [+-]\d{4}$/).map(b);
    const message = fc.stringMatching(/^[\n -~\x80-\xff]{0,60}$/).map(b);
    const parents = fc.array(sha, { maxLength: 3 });
    const encoding = fc.option(fc.constant(b('ISO-8859-1')), { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({ tree: sha, parents, author: person, committer: person, encoding, message }),
        (commit) => {
          expect(parseGitCommit(buildGitCommit(commit))).toEqual(commit);
        },
      ),
    );
  });

  it('lose signatures, and nothing that is no commit is taken for one', () => {
    const head = 'tree 1\nparent 2\nauthor A <a> 1 +0000\ncommitter C <c> 2 +0000\n';
    const signed = parseGitCommit(b(`${head}gpgsig -----BEGIN\n tree 3\n author X\n -----END\n\nmessage\n`));
    expect(signed).toEqual({
      tree: '1',
      parents: ['2'],
      author: 'A <a> 1 +0000',
      committer: 'C <c> 2 +0000',
      message: 'message\n',
    });
    expect(parseGitCommit(b('tree 1\n\nauthor A\n'))).toBeUndefined();
    expect(parseGitCommit(b(''))).toBeUndefined();
  });
});
