import type { Action, ActionEnd, AnnexEvent, Emit, Message } from '../../domain/events.js';
import type { ByteString } from '../../lib/bytes.js';

/** What an unattended sync tells: nothing, unless something failed. */
export interface OnlyFailures {
  readonly emit: Emit;
  /** Tells what was held back, if something failed. */
  end(failed: boolean): void;
}

interface Remarks {
  readonly notes: string[];
  readonly reasons: Message[];
}

/** Remarks that belong to no action are held up to that number. */
const mostHeld = 200;

/** Passes on what failed and why, each in one piece, and of all the rest only what explains a failure. */
export function onlyFailures(emit: Emit): OnlyFailures {
  const open = new Map<Action, Remarks>();
  let latest: Action | undefined;
  const held: string[] = [];

  function end(event: ActionEnd): void {
    const { notes, reasons } = open.get(event.action) ?? { notes: [], reasons: [] };
    open.delete(event.action);
    if (latest === event.action) latest = undefined;
    if (event.success) return;
    const all: Message[] = [...reasons, ...(event.errors ?? []).map((text) => [text])];
    const why = all.length > 0 ? all : notes.length > 0 ? notes.map((text) => [text]) : [['failed']];
    emit({ type: 'problem', message: [...nameOf(event.action), ': ', ...joined(why)] });
  }

  function take(event: AnnexEvent): void {
    switch (event.type) {
      case 'start':
        latest = event.action;
        open.set(event.action, { notes: [], reasons: [] });
        return;
      case 'note':
        open.get(event.action)?.notes.push(event.text);
        return;
      case 'long-note':
        open.get(event.action)?.reasons.push([event.text]);
        return;
      case 'problem':
        if (event.action === undefined) emit(event);
        else open.get(event.action)?.reasons.push(event.message);
        return;
      case 'warning':
        if (latest !== undefined) open.get(latest)?.reasons.push([event.text]);
        else if (held.length < mostHeld) held.push(event.text);
        return;
      case 'end':
        return end(event);
      default:
        return;
    }
  }

  return {
    emit: take,
    end(failed) {
      if (failed) for (const text of held) emit({ type: 'warning', text });
      held.length = 0;
    },
  };
}

function nameOf(action: Action): Message {
  const name = action.file ?? action.subject;
  return name === undefined || name === ''
    ? [action.command]
    : [`${action.command} `, { name: name as ByteString }];
}

function joined(messages: readonly Message[]): Message {
  return messages.flatMap((message, i) => (i === 0 ? message : ['\n', ...message]));
}
