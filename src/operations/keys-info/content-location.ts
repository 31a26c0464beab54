import type { Emit } from '../../domain/events.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { printAnswers, type Questions, wordAsKey } from './answers.js';
import { relativePath } from './relative-path.js';

/** Prints where the content of each key is, as seen from `cwd`. False: one is not here. */
export function contentLocation(
  repository: Pick<Repository, 'objects'>,
  { questions, cwd }: { readonly questions: Questions /** Absolute. */; readonly cwd: ByteString },
  emit: Emit,
): Promise<boolean> {
  return printAnswers(questions, emit, async (word) => {
    const path = repository.objects.locate(wordAsKey(word));
    return path === undefined ? undefined : relativePath(cwd, path);
  });
}
