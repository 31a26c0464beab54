import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Questions } from '../../operations/keys-info/answers.js';
import { FAILED } from '../../report/exit-codes.js';
import { currentDirectory, standardInput } from './query-command.js';

/** What a plumbing command is asked: its operands, or with `--batch` the records of standard input. */
export async function questionsOf(
  flags: { readonly batch?: boolean; readonly null?: boolean },
  operands: readonly ByteString[],
): Promise<Questions> {
  if (!flags.batch) return { from: 'operands', words: operands };
  if (operands.length > 0) {
    throw new AnnexError('usage', 'Cannot combine batch option with file or key options');
  }
  return { from: 'batch', words: await standardInput(flags) };
}

/** The same for commands that also read standard input when nothing is given, as they did before there was `--batch`. */
export async function pairQuestions(
  flags: { readonly batch?: boolean; readonly null?: boolean },
  operands: readonly ByteString[],
): Promise<Questions> {
  return questionsOf(operands.length === 0 ? { ...flags, batch: true } : flags, operands);
}

/** Plumbing says by its exit code alone that something was not found. */
export function exitQuietly(found: boolean): void {
  if (!found) process.exitCode = FAILED;
}

/** Where the contents of the git repository around the current directory belong, which need not be an annex yet. */
export async function objectsFromHere(): Promise<{
  readonly folder: ByteString;
  readonly directories: 'mixed' | 'lower';
}> {
  const { discoverRepository } = await import('../../repository/git/discover.js');
  const { relativePath } = await import('../../operations/keys-info/relative-path.js');
  const cwd = currentDirectory();
  const { commonDir, workTree } = await discoverRepository(cwd);
  const folder = relativePath(cwd, `${commonDir}/annex/objects` as ByteString);
  if (workTree === undefined) return { folder: `./${folder}` as ByteString, directories: 'lower' };
  return { folder, directories: 'mixed' };
}
