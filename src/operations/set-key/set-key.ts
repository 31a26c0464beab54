import { lstatSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import { openScratch } from '../add/scratch.js';
import { attempt } from '../attempt.js';
import type { OperationContext, Outcome } from '../context.js';
import { wordAsKey } from '../keys-info/answers.js';
import { absolute } from '../reinject/reinject.js';
import { takeContent } from '../reinject/take-content.js';
import { verifiedObject } from '../rekey/relink.js';
import { recordState } from '../settings-log/record-state.js';
import { createRunningAction } from '../transfer/running-action.js';

/**
 * Moves a file into the annex as the content of a key: `setkey`. Unlike git-annex it leaves a file alone whose content is not
 * the key's.
 * @param cwd absolute
 */
export async function setKey(
  here: Repository,
  operands: readonly ByteString[],
  cwd: ByteString,
  context: OperationContext,
): Promise<Outcome> {
  const [word, file] = operands;
  if (word === undefined || file === undefined || operands.length > 2) {
    throw new AnnexError('usage', 'specify a key and a content file');
  }
  const running = createRunningAction({ command: 'setkey', subject: file, input: operands }, context.emit);
  const scratch = await openScratch(here.annexDir, context.signal);
  try {
    const ok = await attempt(running, async () => {
      const key = wordAsKey(word);
      const path = absolute(file, cwd);
      if (lstatSync(toPath(path), { throwIfNoEntry: false })?.isFile() !== true) {
        throw new AnnexError('unknown-file', 'move failed!', { hint: 'This is not a regular file.' });
      }
      await verifiedObject(here, path, key, running.note);
      await takeContent(here, key, path, scratch.name);
      return undefined;
    });
    return { failed: ok ? 0 : 1, stoppedByLimit: false };
  } finally {
    await here.unlocked.flush();
    scratch.release();
    await recordState(here, context.emit);
  }
}
