import type { Action, Emit, JsonValue, Message } from '../../domain/events.js';
import type { Key } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { quoteName } from '../../lib/quote-name.js';
import type { Item } from '../select/item.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/** One item while it is checked: what is said of it, and what is found. */
export interface Check {
  readonly item: LoggedItem;
  readonly key: Key;
  /** What messages call it: the work tree file, or the key. */
  readonly name: Message[number];
  /** The location log with what this run has found out. */
  log: ByteString;
  note(text: string): void;
  longNote(text: string): void;
  progress(bytes: number, total: number | undefined): void;
  /** Says something that does not make the check fail. */
  warn(...message: Message): void;
  /** Says what makes the check fail. */
  problem(...message: Message): void;
  fail(): void;
  /** Further fields of the JSON record. */
  field(name: string, value: JsonValue): void;
  /** Ends the action; whether all was well. */
  end(): boolean;
}

/** Starts the action `fsck NAME`. */
export function startCheck(item: LoggedItem, emit: Emit, quotePath: boolean): Check {
  const action = actionOf(item, quotePath);
  const fields: { [name: string]: JsonValue } = {};
  let ok = true;
  const warn = (...message: Message) => emit({ type: 'problem', action, message });
  emit({ type: 'start', action });
  return {
    item,
    key: item.key,
    name: nameOf(item),
    log: item.log,
    note: (text) => emit({ type: 'note', action, text }),
    longNote: (text) => emit({ type: 'long-note', action, text }),
    progress: (bytes, total) => emit({ type: 'progress', action, bytes, total }),
    warn,
    problem(...message) {
      ok = false;
      warn(...message);
    },
    fail() {
      ok = false;
    },
    field(name, value) {
      fields[name] = value;
    },
    end() {
      emit({ type: 'end', action, success: ok, fields });
      return ok;
    },
  };
}

/** The name of an item in messages. A file of a branch goes by its key, as git-annex has it. */
export function nameOf({ path, shown, key }: Item): Message[number] {
  return path === undefined || shown === undefined ? toText(key) : { name: shown };
}

/** Only files of the work tree are files in the JSON record. */
function actionOf(item: Item, quotePath: boolean): Action {
  const { path, shown, key, input } = item;
  if (path !== undefined && shown !== undefined) return { command: 'fsck', key, file: shown, input };
  return { command: 'fsck', key, subject: subjectOf(item, quotePath), input };
}

/** `main:"a b"` of a branch: what is quoted is the file's name. */
function subjectOf({ key, shown, branchPath }: Item, quotePath: boolean): ByteString {
  if (shown === undefined || branchPath === undefined) return key;
  const ref = shown.slice(0, shown.length - branchPath.length);
  return `${ref}${quoteName(branchPath, () => quotePath)}` as ByteString;
}
