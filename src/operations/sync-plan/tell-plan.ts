import { formatSizeShort } from '../../domain/data-units.js';
import type { Emit, JsonValue } from '../../domain/events.js';
import { type ByteString, fromText } from '../../lib/bytes.js';

/** One thing a sync would do. */
export interface PlanStep {
  readonly action: 'add' | 'commit' | 'pull' | 'push' | 'get' | 'put' | 'drop' | 'keep' | 'stop';
  /** What it is about, as text shows it: a file, a remote, a branch. */
  readonly subject: ByteString;
  /** What follows the subject in text. */
  readonly detail: string;
  /** Bytes of content; undefined: it is not about content, or the size is unknown. */
  readonly bytes?: number | undefined;
  /** The terms that decided it. */
  readonly because?: ByteString | undefined;
  /** Fields of the JSON record besides `action`, `bytes` and `because`. */
  readonly fields: { readonly [name: string]: JsonValue };
}

export interface PlanTotals {
  files: number;
  bytes: number;
}

/** Tells a plan as it is found, and adds it up. */
export interface PlanTeller {
  step(step: PlanStep): void;
  /** Totals by action. */
  readonly totals: ReadonlyMap<PlanStep['action'], PlanTotals>;
}

export function createPlanTeller(emit: Emit, command: string, silent: boolean): PlanTeller {
  const totals = new Map<PlanStep['action'], PlanTotals>();
  return {
    totals,
    step({ action, subject, detail, bytes, because, fields }) {
      const total = totals.get(action) ?? { files: 0, bytes: 0 };
      total.files++;
      total.bytes += bytes ?? 0;
      totals.set(action, total);
      if (silent) return;
      const size = bytes === undefined ? '' : ` (${formatSizeShort(bytes)})`;
      const reason = because === undefined ? '' : ` [ ${because} ]`;
      emit({
        type: 'output',
        bytes:
          `${action} ${subject}${fromText(detail === '' ? '' : ` ${detail}`)}${size}${reason}\n` as ByteString,
      });
      emit({
        type: 'record',
        fields: {
          command,
          'dry-run': true,
          action,
          ...fields,
          ...(bytes === undefined ? {} : { bytes }),
          ...(because === undefined ? {} : { because }),
        },
      });
    },
  };
}

/** `get 2 files (10 B), drop 1 file (3 B)`; only what moves or goes. */
export function totalsLine(totals: PlanTeller['totals']): string {
  const parts = (['get', 'put', 'drop', 'keep'] as const).flatMap((action) => {
    const total = totals.get(action);
    if (total === undefined) return [];
    const files = total.files === 1 ? '1 file' : `${total.files} files`;
    return [`${action} ${files} (${formatSizeShort(total.bytes)})`];
  });
  return parts.length === 0 ? 'total: no content to move or drop' : `total: ${parts.join(', ')}`;
}

export function totalsFields(totals: PlanTeller['totals']): { readonly [name: string]: JsonValue } {
  return Object.fromEntries([...totals].map(([action, { files, bytes }]) => [action, { files, bytes }]));
}
