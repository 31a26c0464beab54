import { AnnexError } from '../../domain/errors.js';

/** What the file system said, as an error that a user understands; anything else gets `code`. */
export function asAnnexError(error: unknown, code: AnnexError['code']): AnnexError {
  if (error instanceof AnnexError) return error;
  const system = (error as NodeJS.ErrnoException).code;
  const message = error instanceof Error ? error.message : String(error);
  if (system === 'ENOSPC' || system === 'EDQUOT')
    return new AnnexError('disk-full', message, { cause: error });
  if (system === 'EACCES' || system === 'EPERM')
    return new AnnexError('permission', message, { cause: error });
  if (system === 'EROFS') return new AnnexError('read-only', message, { cause: error });
  return new AnnexError(code, message, { cause: error });
}
