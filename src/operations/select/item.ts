import type { Action } from '../../domain/events.js';
import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';

/** One key that a command works on, and how the user came to it. */
export interface Item {
  readonly key: Key;
  /** The work tree file, relative to the top; undefined where a key stands alone (`--all`, `--key`, a branch). */
  readonly path: ByteString | undefined;
  /** What a glob is matched against when there is no work tree file: the path in a branch. */
  readonly branchPath?: ByteString;
  /** How text and JSON name it: relative to the current directory; undefined: by its key. */
  readonly shown: ByteString | undefined;
  /** What the user gave; JSON field `input`. */
  readonly input: readonly ByteString[];
  /** Whether the work tree file is a pointer file rather than a symlink. */
  readonly unlocked: boolean;
  /** The location log, where it was at hand. */
  readonly log?: ByteString;
}

/** The action of a command on an item. */
export function actionOf(command: string, { key, shown, input }: Item): Action {
  return shown === undefined ? { command, key, subject: key, input } : { command, key, file: shown, input };
}
