import { accessSync, constants } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** Why a content could not be locked for its removal: nothing can be written there, or others use it. */
export function lockRefusal(annexDir: ByteString): AnnexError {
  try {
    accessSync(toPath(annexDir), constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EROFS') {
      return new AnnexError('read-only', 'the repository is on a read-only file system', { cause: error });
    }
    if (code === 'EACCES') {
      return new AnnexError('permission', 'the repository may not be written to', { cause: error });
    }
  }
  return new AnnexError('locked', 'content is locked');
}
