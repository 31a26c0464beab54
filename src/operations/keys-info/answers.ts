import { AnnexError } from '../../domain/errors.js';
import type { Emit } from '../../domain/events.js';
import { type Key, parseKey } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { pipelined } from '../../lib/pipelined.js';

/** What a plumbing command is asked about: words of the command line, or records of `--batch`. */
export type Questions =
  | { readonly from: 'operands'; readonly words: readonly ByteString[] }
  | { readonly from: 'batch'; readonly words: AsyncIterable<ByteString> };

/** Records whose answers are looked up ahead. */
const WINDOW = 128;

/**
 * Prints the answer to each question on a line. Without an answer, `--batch` gets a blank line, and a word of the command
 * line ends the command. Gives whether everything on the command line was answered.
 */
export async function printAnswers(
  questions: Questions,
  emit: Emit,
  answer: (word: ByteString) => Promise<ByteString | undefined>,
): Promise<boolean> {
  for await (const found of pipelined(questions.words, questions.from === 'batch' ? WINDOW : 1, answer)) {
    if (found === undefined && questions.from === 'operands') return false;
    emit({ type: 'output', bytes: `${found ?? ''}\n` as ByteString });
  }
  return true;
}

/** The key that a word spells. Throws `invalid-key`, worded as git-annex does. */
export function wordAsKey(word: ByteString): Key {
  const key = parseKey(word);
  if (key === undefined) throw new AnnexError('invalid-key', 'bad key');
  return key;
}
