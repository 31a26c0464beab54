import type { Action, ActionEnd, AnnexEvent, Message } from '../domain/events.js';
import { type ByteString, fromText } from '../lib/bytes.js';
import { quoteName } from '../lib/quote-name.js';
import { messageText, printable } from './quote.js';
import type { Reporter, ReportOptions } from './reporter.js';
import type { Sink } from './sink.js';

interface Piece {
  readonly to: 'out' | 'err';
  readonly bytes: ByteString;
}

/**
 * git-annex's text: `get file (from origin...) ok`, errors on stderr. An action is shown while it runs when it is the
 * only one, and in one piece when it has ended otherwise.
 */
export function plainReporter(out: Sink, err: Sink, options: ReportOptions): Reporter {
  /** Pieces of running actions that are shown at their end. */
  const held = new Map<Action, Piece[]>();
  let ended: Piece[] = [];
  let foreground: Action | undefined;
  /** Whether the foreground's line has no end yet. */
  let lineOpen = false;

  const show = (pieces: readonly Piece[]) => {
    for (const { to, bytes } of pieces) (to === 'out' ? out : err).write(bytes);
  };
  const add = (action: Action, ...pieces: Piece[]) => {
    if (action === foreground) show(pieces);
    else held.get(action)?.push(...pieces) ?? show(pieces);
  };
  const toOut = (text: string): Piece => ({ to: 'out', bytes: text as ByteString });

  const start = (action: Action) => {
    const opening = toOut(`${action.command} ${subjectOf(action, options.quotePath)} `);
    if (foreground === undefined && !options.concurrent && !options.quiet) {
      foreground = action;
      lineOpen = true;
      show([opening]);
    } else {
      held.set(action, [opening]);
    }
  };

  const end = (event: ActionEnd) => {
    const { action } = event;
    const started = action === foreground || held.has(action);
    const indent = started ? '  ' : '';
    const errors = (event.errors ?? []).map((text) =>
      line('err', printable(text), text.startsWith('git-annex: ') ? '' : indent),
    );
    if (started && errors.length > 0) add(action, toOut('\n'));
    add(action, ...errors);
    if (started) add(action, toOut(event.success ? 'ok\n' : 'failed\n'));
    if (action === foreground) {
      foreground = undefined;
      lineOpen = false;
      show(ended);
      ended = [];
      return;
    }
    const pieces = held.get(action) ?? [];
    held.delete(action);
    if (options.quiet) return show(pieces.filter(({ to }) => to === 'err'));
    if (foreground === undefined) show(pieces);
    else ended.push(...pieces);
  };

  const problem = (action: Action | undefined, message: Message) => {
    const text = messageText(message, (name) => quoteName(name, options.quotePath));
    const pieces = [toOut('\n'), line('err', printable(text), '  ')];
    if (action !== undefined && (action === foreground || held.has(action))) add(action, ...pieces);
    else show(options.quiet ? pieces.slice(1) : pieces);
  };

  const between = (piece: Piece) => {
    if (lineOpen && piece.to === 'out') out.write('\n' as ByteString);
    lineOpen = false;
    show([piece]);
  };

  const emit = (event: AnnexEvent): void => {
    switch (event.type) {
      case 'start':
        return start(event.action);
      case 'note':
        return add(event.action, toOut(`(${fromText(printable(event.text))}) `));
      case 'long-note':
        return add(event.action, toOut('\n'), line('out', printable(event.text), '  '));
      case 'end':
        return end(event);
      case 'problem':
        return problem(event.action, event.message);
      case 'aside':
        if (!options.quiet) between(line('out', `(${printable(event.text)})`, ''));
        return;
      case 'warning':
        return between(line('err', printable(event.text), ''));
      case 'output':
        if (event.action !== undefined) return add(event.action, { to: 'out', bytes: event.bytes });
        return out.write(event.bytes);
      case 'blank':
        return out.write('\n' as ByteString);
      case 'progress':
      case 'record':
      case 'totals':
        return;
    }
  };

  return {
    emit,
    async close() {
      show(ended);
      ended = [];
      await Promise.all([out.flush(), err.flush()]);
    },
  };
}

/** What an action is about, as text shows it. */
export function subjectOf(action: Action, quotePath: () => boolean): ByteString {
  if (action.file !== undefined) return quoteName(action.file, quotePath);
  return action.subject ?? ('' as ByteString);
}

function line(to: Piece['to'], text: string, indent: string): Piece {
  const lines = text.replace(/\n$/, '').split('\n');
  return { to, bytes: fromText(lines.map((one) => (one === '' ? '\n' : `${indent}${one}\n`)).join('')) };
}
