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
 * when they failed or there was a problem. Everything else is text as in `plain`, above and below the live lines.
 */
export function terminalReporter(plain: Reporter): Reporter {
  /** Events of running file actions: shown if the action fails. */
  const held = new Map<Action, AnnexEvent[]>();
  /** Text that waits until the live lines are gone. */
  let waiting: AnnexEvent[] = [];
  let totals: TransferTotals | undefined;
  let live: LiveLines | undefined;
  let ending: Promise<void> | undefined;
  let refreshedAt = 0;

  const showText = (event: AnnexEvent): void => {
    if (live !== undefined || ending !== undefined) waiting.push(event);
    else plain.emit(event);
  };

  const count = (event: AnnexEvent): void => {
    const now = performance.now();
    totals ??= new TransferTotals(now);
    totals.add(event);
    if (live === undefined && ending === undefined) live = openLiveLines();
    if (now - refreshedAt >= REFRESH_MS) {
      refreshedAt = now;
      live?.show(totals.summary(now), lines(totals));
    }
  };

  const endLive = async (): Promise<void> => {
    if (live !== undefined && totals !== undefined) {
      const ended = live.end(totals.summary(performance.now()));
      live = undefined;
      totals = undefined;
      ending = ended.then(() => {
        ending = undefined;
        for (const event of waiting) plain.emit(event);
        waiting = [];
      });
    }
    await ending;
  };

  const emit = (event: AnnexEvent): void => {
    if (event.type === 'totals') return count(event);
    if (!('action' in event) || event.action.file === undefined) {
      if (event.type === 'start' || event.type === 'output') void endLive();
      return showText(event);
    }
    const events = held.get(event.action) ?? [];
    if (event.type === 'end') {
      held.delete(event.action);
      const wrong = !event.success || events.some(({ type }) => type === 'problem');
      if (wrong) for (const earlier of [...events, event]) showText(earlier);
    } else if (event.type !== 'progress') {
      events.push(event);
      held.set(event.action, events);
    }
    count(event);
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
