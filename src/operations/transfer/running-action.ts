import type { Action, ActionEnd, Emit } from '../../domain/events.js';
import type { AnnexError } from '../../domain/errors.js';

/** One action as it goes: it starts when there is something to say, and ends once. */
export interface RunningAction {
  readonly action: Action;
  start(): void;
  note(text: string): void;
  /** `plainOnly`: not in JSON. */
  longNote(text: string, plainOnly?: boolean): void;
  progress(bytes: number, total: number | undefined): void;
  /** Keeps an error for the end. */
  failure(error: AnnexError | string): void;
  end(success: boolean, more?: Pick<ActionEnd, 'wanted' | 'messageId' | 'fields'>): void;
}

export function createRunningAction(action: Action, emit: Emit): RunningAction {
  let started = false;
  const errors: string[] = [];
  const start = (): void => {
    if (started) return;
    started = true;
    emit({ type: 'start', action });
  };
  return {
    action,
    start,
    note(text) {
      start();
      emit({ type: 'note', action, text });
    },
    longNote(text, plainOnly = false) {
      start();
      emit({ type: 'long-note', action, text, plainOnly });
    },
    progress(bytes, total) {
      emit({ type: 'progress', action, bytes, total });
    },
    failure(error) {
      if (typeof error === 'string') errors.push(error);
      else errors.push(error.hint === undefined ? error.message : `${error.message}\n${error.hint}`);
    },
    end(success, more = {}) {
      start();
      emit({ type: 'end', action, success, ...(errors.length > 0 ? { errors } : {}), ...more });
    },
  };
}
