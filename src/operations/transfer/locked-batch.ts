import { openFileLimit } from '../../lib/open-files.js';

/** Changes of so many logs are committed at once, without a journal file for each. */
const USUAL = 1000;
/** Open files for other things than locks. */
const SPARE_FILES = 200;
/** Locks of one content, here and on remotes, as far as they are usually needed. */
const LOCKS = 4;

/** How many contents are removed together. Their locks are held for the whole batch, and each is an open file. */
export function lockedBatchSize(): number {
  return Math.max(1, Math.min(USUAL, Math.floor((openFileLimit() - SPARE_FILES) / LOCKS)));
}
