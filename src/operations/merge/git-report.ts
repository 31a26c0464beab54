import { AnnexError } from '../../domain/errors.js';
import type { Action, Emit, JsonValue } from '../../domain/events.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, fromText } from '../../lib/bytes.js';

/** Where a step of a sync says what git said. */
export interface GitReport {
  /** What git wrote on stdout. */
  output(text: ByteString): void;
  /** What git wrote on stderr: progress, advice, complaints. */
  complaint(text: string): void;
  /** A sentence of ours below the running action. */
  note(text: string): void;
}

/** The remote an action is about; JSON fields `remote` and `remote-uuid`. */
export interface ActionRemote {
  readonly name: ByteString;
  readonly uuid: Uuid | undefined;
}

export interface RunningStep extends GitReport {
  /** Text of ours around what git says, which is not shown when the action is not. */
  frame(text: ByteString): void;
  /** Ends the action; with an error, as failed. Gives how many failed: 0 or 1. */
  end(error?: unknown): number;
}

/**
 * Starts an action that shows what git prints, the way git-annex does: the action, git's lines, `ok`. With several jobs
 * git's output on stdout is not shown, since lines of different actions would mix.
 * @param layout `inline` when git has nothing to print
 */
export function beginStep(
  context: { readonly emit: Emit; readonly jobs: number },
  command: string,
  subject: ByteString,
  remote?: ActionRemote,
  layout: 'block' | 'inline' = 'block',
): RunningStep {
  const { emit } = context;
  const action: Action = { command, subject, input: [] };
  const output = (text: ByteString): void => {
    if (context.jobs === 1) emit({ type: 'output', bytes: text });
  };
  emit({ type: 'start', action });
  const frame = (text: ByteString): void => {
    if (context.jobs === 1) emit({ type: 'output', bytes: text, action });
  };
  if (layout === 'block') frame('\n' as ByteString);
  return {
    frame,
    output(text) {
      if (text !== '') output(text);
    },
    complaint(text) {
      const shown = withoutProgress(text);
      if (shown !== '') emit({ type: 'warning', text: shown });
    },
    note(text) {
      emit({ type: 'long-note', action, text });
    },
    end(error) {
      const fields: Record<string, JsonValue> = {};
      if (remote !== undefined) {
        fields['remote'] = remote.name;
        if (remote.uuid !== undefined) fields['remote-uuid'] = remote.uuid;
      }
      if (error === undefined) {
        emit({ type: 'end', action, success: true, fields });
        return 0;
      }
      if (!(error instanceof Error)) throw error;
      if (!(error instanceof AnnexError)) throw error;
      if (error.code === 'interrupted') throw error;
      fields['reason'] = fromText(error.code);
      const errors = error.hint === undefined ? [error.message] : [error.message, error.hint];
      emit({ type: 'end', action, success: false, errors, fields });
      return 1;
    },
  };
}

/** Lines that a terminal would have overwritten are left out. */
function withoutProgress(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.includes('\r'))
    .join('\n')
    .trimEnd();
}
