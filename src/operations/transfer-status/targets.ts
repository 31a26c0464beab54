import { AnnexError } from '../../domain/errors.js';
import { type Key, parseKey } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { keyOfObject } from '../keys-info/lookup-key.js';
import { readOperand } from '../select/operands.js';

/** A key that the user named, and the word for it. */
export interface Target {
  readonly key: Key;
  readonly word: ByteString;
}

/**
 * The keys that the user's words name: files of the index, relative to `cwd`, or keys.
 * @throws AnnexError `unknown-file`
 */
export async function readTargets(
  { git, location }: Repository,
  words: readonly ByteString[],
  cwd: ByteString,
): Promise<Target[]> {
  const targets: Target[] = [];
  for (const word of words) {
    const key = parseKey(word) ?? (await keyOfFile(word));
    if (key !== undefined) targets.push({ key, word });
    else throw new AnnexError('unknown-file', `${toText(word)} is neither an annexed file nor a key`);
  }
  return targets;

  async function keyOfFile(word: ByteString): Promise<Key | undefined> {
    if (location.workTree === undefined || word === '') return undefined;
    const { path } = readOperand(word, cwd, location.workTree);
    return path === '' ? undefined : keyOfObject(git, `:${path}` as ByteString);
  }
}
