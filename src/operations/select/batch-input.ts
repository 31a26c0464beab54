import type { Key } from '../../domain/key.js';
import { parseKey } from '../../domain/key.js';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';

/** Where `--batch` reads from. */
export interface BatchInput {
  readonly kind: 'files' | 'keys';
  /** The records read from standard input, without their separators. */
  readonly records: AsyncIterable<ByteString>;
}

/** The key on a line of `--batch-keys`. Throws `invalid-key`, which ends the command as in git-annex. */
export function batchKey(record: ByteString): Key {
  const key = parseKey(record);
  if (key === undefined) throw new AnnexError('invalid-key', 'Batch input parse failure: not a valid key');
  return key;
}
