import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { readUnused, type UnusedKind, unusedKinds } from './unused-files.js';

/** What stands behind a number that `unused` gave. */
export interface Numbered {
  readonly number: number;
  readonly kind: UnusedKind;
  readonly key: Key;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * What the words mean, in their order: numbers, ranges `1-5`, or `all`. A word that is none throws `usage` at once; a number
 * that was not given ends the list with `usage`, so that what comes before can be done, as in git-annex.
 */
export function numberedUnused(annexDir: ByteString, words: readonly ByteString[]): Iterable<Numbered> {
  const known = new Map<number, Numbered>();
  for (const kind of unusedKinds) {
    for (const { number, key } of readUnused(annexDir, kind)) {
      if (!known.has(number)) known.set(number, { number, kind, key });
    }
  }
  const all = [...known.keys()].sort((a, b) => a - b);
  const ranges = words.flatMap((word) => (word === 'all' ? all.map(only) : parseWord(word)));
  return lookUp(ranges, known);
}

function* lookUp(ranges: readonly Range[], known: ReadonlyMap<number, Numbered>): Generator<Numbered> {
  for (const { first, last } of ranges) {
    for (let number = first; number <= last; number++) {
      const found = known.get(number);
      if (found === undefined) {
        throw new AnnexError('usage', `${number} not valid (run git annex unused for list)`);
      }
      yield found;
    }
  }
}

const only = (number: number): Range => ({ first: number, last: number });

/** git-annex reads several words in one operand as well. */
function parseWord(word: ByteString): Range {
  const match = /^ *(\d{1,15})(?:-(\d{1,15}))? *$/.exec(word);
  if (match === null) throw new AnnexError('usage', `Expected number or range, not "${toText(word)}"`);
  const first = Number(match[1]);
  return { first, last: match[2] === undefined ? first : Number(match[2]) };
}
