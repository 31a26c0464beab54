import type { ByteString } from '../lib/bytes.js';
import type { Key } from './key.js';
import type { Uuid } from './uuid.js';

/** A value that JSON can hold; byte strings are encoded by git-annex's convention by the reader. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/**
 * One thing a command does to one subject: `get file`, `pull origin`, `init`. It is shown as
 * `COMMAND SUBJECT (NOTE) ok`, and as one JSON record.
 */
export interface Action {
  /** The first word: `get`, `copy`, `commit` ... */
  readonly command: string;
  /** The work tree file, relative to the current directory as git-annex shows it. */
  readonly file?: ByteString;
  readonly key?: Key;
  /** What stands for the subject when there is neither file nor key (a remote's name, a repository's description). */
  readonly subject?: ByteString;
  /** What the user gave that led here; JSON field `input`. */
  readonly input?: readonly ByteString[];
}

export interface ActionEnd {
  readonly type: 'end';
  readonly action: Action;
  readonly success: boolean;
  /** Sentences saying why it failed; JSON field `error-messages`, stderr otherwise. */
  readonly errors?: readonly string[];
  /** Repositories that could supply what is wanting; JSON field `wanted`. */
  readonly wanted?: readonly { readonly uuid: Uuid; readonly description: string; readonly here: boolean }[];
  readonly messageId?: string;
  /** Further JSON fields of this command (`whereis`, `untrusted` ...). */
  readonly fields?: { readonly [name: string]: JsonValue };
}

/**
 * A sentence for people. Names of files in it are quoted as git quotes them where it is read as text, and stand as they are
 * in JSON.
 */
export type Message = readonly (string | { readonly name: ByteString })[];

/** What operations tell while they work. `report/` turns it into text, JSON or nothing. */
export type AnnexEvent =
  | { readonly type: 'start'; readonly action: Action }
  /** A remark on the running action, in parentheses in plain text; joined by newlines in the JSON field `note`. */
  | { readonly type: 'note'; readonly action: Action; readonly text: string }
  /** Lines below the running action in plain text (indented by the reader), part of `note` in JSON unless `plainOnly`. */
  | {
      readonly type: 'long-note';
      readonly action: Action;
      readonly text: string;
      readonly plainOnly?: boolean;
    }
  /** `bytes` of `total` done; both in bytes, total undefined when unknown. */
  | {
      readonly type: 'progress';
      readonly action: Action;
      readonly bytes: number;
      readonly total: number | undefined;
    }
  | ActionEnd
  /**
   * What is wrong with the running action's subject (none: on the side), said at once on stderr; each line is an entry of
   * JSON field `error-messages`. The action may go on, and succeed.
   */
  | { readonly type: 'problem'; readonly action?: Action; readonly message: Message }
  /** A sentence on what happens besides the actions: `recording state in git...`; plain text only. */
  | { readonly type: 'aside'; readonly text: string }
  /** A sentence for stderr that belongs to no action. */
  | { readonly type: 'warning'; readonly text: string }
  /**
   * What the command was asked to print: bytes written as they are, in plain mode only. With an action: part of how that is
   * shown, and not shown where the action is not.
   */
  | { readonly type: 'output'; readonly bytes: ByteString; readonly action?: Action }
  /** An empty line in every mode: what `--batch` answers where there is nothing to do. */
  | { readonly type: 'blank' }
  /** A record of a command that prints records (find, info ...); JSON mode only. */
  | { readonly type: 'record'; readonly fields: { readonly [name: string]: JsonValue } }
  /** Totals known so far, for progress displays: files and bytes still to do included. */
  | { readonly type: 'totals'; readonly files: number; readonly bytes: number };

/** Where operations send their events. */
export type Emit = (event: AnnexEvent) => void;
