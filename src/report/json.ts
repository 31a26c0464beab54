import type { Action, ActionEnd, AnnexEvent, JsonValue, Message } from '../domain/events.js';
import { type ByteString, fromText, toText } from '../lib/bytes.js';
import { quoteName } from '../lib/quote-name.js';
import { messageText, printable } from './quote.js';
import type { Reporter } from './reporter.js';
import type { Sink } from './sink.js';

/** The choices of `--json-error-messages` and `--json-progress`. */
export interface JsonOptions {
  readonly errorMessages: boolean;
  readonly progress: boolean;
  /** Whether git escapes bytes above 127; for errors that go to stderr. Default: it does. */
  readonly quotePath?: () => boolean;
}

interface Running {
  readonly notes: string[];
  readonly errors: string[];
  reportedAt: number;
}

/** Between two progress records of one action. */
const PROGRESS_INTERVAL_MS = 100;

/** git-annex's JSON: one object a line, its fields in alphabetical order, names that are not UTF-8 with U+FFFD. */
export function jsonReporter(out: Sink, err: Sink, options: JsonOptions): Reporter {
  const running = new Map<Action, Running>();

  const write = (fields: Readonly<Record<string, unknown>>) =>
    out.write(fromText(`${JSON.stringify(sorted(fields))}\n`));
  const complain = (text: string) => err.write(fromText(`${text}\n`));

  const end = (event: ActionEnd) => {
    const state = running.get(event.action);
    const errors = event.errors ?? [];
    if (!options.errorMessages) for (const text of errors) complain(text);
    write({
      ...describe(event.action, state),
      'error-messages': options.errorMessages ? [...(state?.errors ?? []), ...errors] : [],
      success: event.success,
      wanted: event.wanted?.map(({ uuid, description, here }) => ({
        description: toText(description as ByteString),
        here,
        uuid,
      })),
      'message-id': event.messageId,
      ...decoded(event.fields ?? {}),
    });
    running.delete(event.action);
  };

  const problem = (action: Action | undefined, message: Message) => {
    const state = action === undefined ? undefined : running.get(action);
    if (options.errorMessages && state !== undefined) {
      state.errors.push(...messageText(message, (name) => name).split('\n'));
      return;
    }
    const text = messageText(message, (name) => quoteName(name, options.quotePath ?? (() => true)));
    for (const line of text.split('\n')) complain(`  ${printable(line)}`);
  };

  const progress = (action: Action, bytes: number, total: number | undefined) => {
    const state = running.get(action);
    const now = performance.now();
    if (!options.progress || state === undefined) return;
    if (bytes !== total && now - state.reportedAt < PROGRESS_INTERVAL_MS) return;
    state.reportedAt = now;
    write({
      action: sorted(describe(action, state)),
      'byte-progress': bytes,
      'percent-progress': total === undefined ? undefined : percentage(bytes, total),
      'total-size': total,
    });
  };

  const emit = (event: AnnexEvent): void => {
    switch (event.type) {
      case 'start':
        running.set(event.action, { notes: [], errors: [], reportedAt: Number.NEGATIVE_INFINITY });
        return;
      case 'long-note':
        if (event.plainOnly) return;
        running.get(event.action)?.notes.push(event.text);
        return;
      case 'note':
        running.get(event.action)?.notes.push(event.text);
        return;
      case 'progress':
        return progress(event.action, event.bytes, event.total);
      case 'end':
        return end(event);
      case 'problem':
        return problem(event.action, event.message);
      case 'warning':
        return complain(event.text);
      case 'record':
        return write(decoded(event.fields));
      case 'blank':
        return out.write('\n' as ByteString);
      case 'aside':
      case 'output':
      case 'totals':
        return;
    }
  };

  return {
    emit,
    async close() {
      await Promise.all([out.flush(), err.flush()]);
    },
  };
}

function describe(action: Action, state: Running | undefined): Record<string, unknown> {
  return {
    command: action.command,
    file: action.file === undefined ? undefined : toText(action.file),
    input: (action.input ?? []).map(toText),
    key: action.key === undefined ? undefined : toText(action.key),
    note: state === undefined || state.notes.length === 0 ? undefined : state.notes.join('\n'),
  };
}

function sorted(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Byte strings as text; text that was decoded already is left as it is. */
function decoded(fields: { readonly [name: string]: JsonValue }): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, decodedValue(value)]));
}

function decodedValue(value: JsonValue): unknown {
  if (typeof value === 'string') return /[^\0-\xff]/.test(value) ? value : toText(value as ByteString);
  if (Array.isArray(value)) return value.map(decodedValue);
  if (typeof value === 'object' && value !== null)
    return decoded(value as { readonly [name: string]: JsonValue });
  return value;
}

/** At most two decimals, none that say nothing: `1.09%`, `50%`. */
export function percentage(part: number, whole: number): string {
  const percent = whole === 0 ? 100 : (part / whole) * 100;
  return `${Number(percent.toFixed(2))}%`;
}
