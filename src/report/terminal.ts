import type { Action, AnnexEvent } from '../domain/events.js';
import { toText } from '../lib/bytes.js';
import { percentage } from './json.js';
import { openLiveLines, type LiveLines } from './live-lines.js';
import { subjectOf } from './plain.js';
import type { Reporter } from './reporter.js';
import { TransferTotals } from './transfer-totals.js';

/** So many running actions are listed below the totals. */
const LISTED = 8;
const REFRESH_MS = 100;

/**
 * For people at a terminal: files are counted in live lines with totals and the time left, and shown one by one only
 * when they failed. Everything else is text as in `plain`, above and below the live lines.
 */
export function terminalReporter(plain: Reporter): Reporter {
  /** Events of running file actions: shown if the action fails. */
  const held = new Map<Action, AnnexEvent[]>();
  let totals: TransferTotals | undefined;
  let live: LiveLines | undefined;
  let refreshedAt = 0;

  const ofFiles = (event: AnnexEvent): void => {
    const now = performance.now();
    totals ??= new TransferTotals(now);
    totals.add(event);
    live ??= openLiveLines();
    if (now - refreshedAt >= REFRESH_MS) {
      refreshedAt = now;
      live.show(totals.summary(now), lines(totals));
    }
  };

  const endLive = (): Promise<void> => {
    const ended = totals === undefined ? undefined : live?.end(totals.summary(performance.now()));
    live = undefined;
    totals = undefined;
    return ended ?? Promise.resolve();
  };

  const emit = (event: AnnexEvent): void => {
    if (event.type === 'totals') return ofFiles(event);
    if (!('action' in event) || event.action.file === undefined) {
      if (event.type === 'start' || event.type === 'output') void endLive();
      return plain.emit(event);
    }
    const events = held.get(event.action) ?? [];
    if (event.type === 'end') {
      held.delete(event.action);
      if (!event.success) for (const earlier of [...events, event]) plain.emit(earlier);
    } else if (event.type !== 'progress') {
      events.push(event);
      held.set(event.action, events);
    }
    ofFiles(event);
  };

  return {
    emit,
    async close() {
      await endLive();
      await plain.close();
    },
  };
}

function lines(totals: TransferTotals): string[] {
  const shown: string[] = [];
  for (const [action, { bytes, total }] of totals.running) {
    if (shown.length === LISTED) break;
    const done = total === undefined ? '' : `  ${percentage(bytes, total)}`;
    shown.push(`${action.command} ${toText(subjectOf(action, () => false))}${done}`);
  }
  return shown;
}
