/**
 * Stable codes of everything that can go wrong in a way the user can act on. `report/exit-codes.ts` turns them into
 * exit codes; nothing branches on message texts.
 */
export type ErrorCode =
  | 'usage'
  | 'not-a-repository'
  | 'not-initialized'
  | 'unsupported-repository'
  | 'unknown-remote'
  | 'unknown-file'
  | 'remote-unavailable'
  | 'remote-uuid-mismatch'
  | 'remote-refused'
  | 'connection-lost'
  | 'protocol'
  | 'content-missing'
  | 'content-corrupt'
  | 'content-modified'
  | 'copies-insufficient'
  | 'transfer-in-progress'
  | 'transfer-stalled'
  | 'transfer-cancelled'
  | 'transfer-deferred'
  | 'transfer-paused'
  | 'locked'
  | 'disk-full'
  | 'disk-reserve'
  | 'read-only'
  | 'permission'
  | 'git-failed'
  | 'editor-failed'
  | 'merge-conflict'
  | 'invalid-key'
  | 'invalid-setting'
  | 'interrupted'
  | 'limit-reached'
  | 'too-many-deletions'
  | 'not-mounted'
  | 'internal';

/** An error with a code, one clear sentence, and what the user can do about it. Never holds a credential. */
export class AnnexError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AnnexError';
    this.code = code;
    this.hint = options.hint;
  }
}
