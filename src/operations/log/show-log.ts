import type { ByteString } from '../../lib/bytes.js';
import type { Uuid } from '../../domain/uuid.js';
import type { Emit, JsonValue } from '../../domain/events.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { HistoryStep } from './branch-history.js';

/** What the changes are shown for. */
export interface Subject {
  /** A file's name as it was given, for JSON; undefined where a key stands alone. */
  readonly file: ByteString | undefined;
  /** The file's name or the key, as text shows it. */
  readonly name: ByteString;
  readonly input: readonly ByteString[];
}

export interface LogShape {
  readonly rawDate: boolean;
  /** The format of gource, a program that draws histories. */
  readonly gource: boolean;
}

/** Shows what one commit did to one location log: a line for each repository, or two JSON records. */
export function showStep(
  step: HistoryStep,
  subject: Subject,
  { known, shape, emit }: { known: KnownRepositories; shape: LogShape; emit: Emit },
): void {
  const changes = [
    { logged: 'addition', uuids: step.added },
    { logged: 'removal', uuids: step.removed },
  ] as const;
  for (const { logged, uuids } of changes) {
    for (const uuid of uuids) {
      const line = shape.gource
        ? gourceLine(step, uuid, { logged, subject, known })
        : textLine(step, uuid, { logged, subject, known }, shape);
      emit({ type: 'output', bytes: `${line}\n` as ByteString });
    }
    emit({ type: 'record', fields: recordOf(step, uuids, { logged, subject, known }) });
  }
}

interface Shown {
  readonly logged: 'addition' | 'removal';
  readonly subject: Subject;
  readonly known: KnownRepositories;
}

function textLine(
  step: HistoryStep,
  uuid: Uuid,
  { logged, subject, known }: Shown,
  { rawDate }: LogShape,
): string {
  const date = rawDate ? String(step.seconds) : step.date;
  return `${logged === 'addition' ? '+' : '-'} ${date} ${subject.name} | ${uuid} -- ${nameOf(uuid, known)}`;
}

function gourceLine(step: HistoryStep, uuid: Uuid, { logged, subject, known }: Shown): string {
  return [
    step.seconds,
    nameOf(uuid, known),
    logged === 'addition' ? 'A' : 'M',
    subject.file ?? subject.name,
  ].join('|');
}

function nameOf(uuid: Uuid, known: KnownRepositories): ByteString {
  const { description } = known.entry(uuid);
  return description === '' ? uuid : description;
}

function recordOf(
  { seconds, key }: HistoryStep,
  uuids: readonly Uuid[],
  { logged, subject, known }: Shown,
): { readonly [name: string]: JsonValue } {
  return {
    command: 'log',
    date: String(seconds),
    'error-messages': [],
    ...(subject.file === undefined ? {} : { file: subject.file }),
    input: subject.input,
    key: key ?? '',
    locations: uuids.map((uuid) => ({
      description: known.entry(uuid).description,
      here: uuid === known.here,
      uuid,
    })),
    logged,
    success: true,
  };
}
