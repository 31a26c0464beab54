import { AnnexError } from '../../domain/errors.js';
import type { Emit } from '../../domain/events.js';
import type { Key } from '../../domain/key.js';
import { maxPointerSize, parsePointer } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import { readOperand } from '../select/operands.js';
import { printAnswers, type Questions } from './answers.js';

export interface LookupKeyRequest {
  readonly questions: Questions;
  /** Absolute. */
  readonly cwd: ByteString;
  /** The words name objects (`HEAD:file`), not work tree files. */
  readonly refs: boolean;
}

/** Prints the key of each file in the index, or of each named object. False: one has none. */
export function lookupKey(
  { git, location }: Repository,
  { questions, cwd, refs }: LookupKeyRequest,
  emit: Emit,
): Promise<boolean> {
  const top = location.workTree;
  if (top === undefined && !refs) {
    throw new AnnexError('usage', 'You cannot run this command in a bare repository.');
  }
  return printAnswers(questions, emit, async (word) => {
    if (refs) return keyOfObject(git, word);
    const path = pathOf(word, cwd, top as ByteString, emit);
    return path === undefined || path === '' ? undefined : keyOfObject(git, `:${path}` as ByteString);
  });
}

/** The key of an object that git finds by a name such as `HEAD:file` or `:file`: the blob of a link or a pointer file. */
export async function keyOfObject(git: Git, name: ByteString): Promise<Key | undefined> {
  for await (const info of git.objectInfo([name])) {
    if (info === undefined || info.type !== 'blob' || info.size > maxPointerSize) return undefined;
    const blob = await git.object(info.sha);
    return blob === undefined ? undefined : parsePointer(blob.content);
  }
  return undefined;
}

function pathOf(word: ByteString, cwd: ByteString, top: ByteString, emit: Emit): ByteString | undefined {
  if (word === '') return undefined;
  try {
    return readOperand(word, cwd, top).path;
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    emit({ type: 'warning', text: error.message });
    return undefined;
  }
}
