import { statSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Emit } from '../../domain/events.js';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Settings } from '../../repository/settings/settings.js';
import { createKeyMaker, usualBackend } from '../add/make-key.js';
import { printAnswers, type Questions } from './answers.js';

export interface CalcKeyRequest {
  readonly questions: Questions;
  /** Absolute. */
  readonly cwd: ByteString;
  /** Undefined or empty: the usual one. */
  readonly backend: ByteString | undefined;
}

/** Prints the key that each file's present content has. False: one is not a file that can be read. */
export async function calcKey(
  settings: Settings,
  { questions, cwd, backend }: CalcKeyRequest,
  emit: Emit,
): Promise<boolean> {
  const keys = await createKeyMaker(backend || usualBackend(settings), settings);
  return printAnswers(questions, emit, async (word) => {
    const file = (word.startsWith('/') ? word : `${cwd}/${word}`) as ByteString;
    if (word === '' || statSync(toPath(file), { throwIfNoEntry: false })?.isFile() !== true) return undefined;
    try {
      return await keys.make(file, word);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof AnnexError) throw error;
      emit({ type: 'warning', text: `${toText(word)}: ${error.message}` });
      return undefined;
    }
  });
}
