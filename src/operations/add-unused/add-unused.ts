import { AnnexError } from '../../domain/errors.js';
import { keyFileName } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { openKeyFiles } from '../from-key/key-files.js';
import { readOperand } from '../select/operands.js';
import { numberedUnused } from '../unused/numbered.js';

/**
 * Adds back files `unused.KEY`, in the current directory, for the contents that `unused` gave these numbers.
 * @param cwd absolute
 */
export async function addUnused(
  here: Repository,
  words: readonly ByteString[],
  cwd: ByteString,
  context: OperationContext,
): Promise<Outcome> {
  const top = here.location.workTree;
  if (top === undefined) throw new AnnexError('usage', 'You cannot run this command in a bare repository.');
  const files = await openKeyFiles(here, top, context, true);
  let failed = 0;
  try {
    for (const { number, kind, key } of numberedUnused(here.annexDir, words)) {
      if (kind !== 'unused') throw new AnnexError('usage', `cannot addunused ${badness[kind]}`);
      const name = `unused.${keyFileName(key)}` as ByteString;
      const action = { command: 'addunused', file: name, input: [String(number) as ByteString] };
      const { path } = readOperand(name, cwd, top);
      if (!(await files.put(action, key, path))) failed++;
    }
  } finally {
    await files.close();
  }
  return { failed, stoppedByLimit: false };
}

const badness = { bad: 'badcontent', tmp: 'tmp file' };
