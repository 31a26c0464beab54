import { formatSizeWhole, roundHalfEven } from '../../domain/data-units.js';
import { keySize } from '../../domain/key.js';
import { compareBytes } from '../../domain/logs/lines.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../context.js';
import { everyLocation } from '../info/location-totals.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { readMaxSizes } from './maxsize.js';
import type { Recorder } from './record-state.js';

interface Row {
  readonly uuid: Uuid;
  readonly size: number;
  readonly maxsize: number | undefined;
}

/** `maxsize` alone: what each repository that is not dead holds, and may hold; those that may hold most first. */
export async function maxSizeTable(
  repository: Recorder,
  known: KnownRepositories,
  { inBytes }: { readonly inBytes: boolean },
  { emit }: OperationContext,
): Promise<Outcome> {
  const rows = await readRows(repository, known);
  const word = inBytes ? String : formatSizeWhole;
  emit({ type: 'output', bytes: tableText(rows, known, word) });
  const repositories = rows.map(({ uuid, size, maxsize }) => ({
    description: known.entry(uuid).description,
    here: uuid === known.here,
    size: { maxsize: maxsize ?? null, size },
    uuid,
  }));
  const fields = { command: 'maxsize', 'error-messages': [], input: [], repositories, success: true };
  emit({ type: 'record', fields });
  return { failed: 0, stoppedByLimit: false };
}

async function readRows({ branch }: Recorder, known: KnownRepositories): Promise<Row[]> {
  const maxsizes = await readMaxSizes(branch);
  const described = descriptionLog.values(await branch.read(descriptionLog.path));
  const sizes = new Map<Uuid, number>(
    [...described.keys(), ...maxsizes.keys()]
      .filter((uuid) => known.trustOf(uuid) !== 'dead')
      .map((uuid) => [uuid, 0]),
  );
  for await (const { key, uuids } of everyLocation({
    repository: { branch },
    known,
    keyMatches: undefined,
  })) {
    for (const uuid of uuids) sizes.set(uuid, (sizes.get(uuid) ?? 0) + (keySize(key) ?? 0));
  }
  return [...sizes].map(([uuid, size]) => ({ uuid, size, maxsize: maxsizes.get(uuid) })).sort(largestFirst);
}

function largestFirst(a: Row, b: Row): number {
  const limit = (row: Row) => row.maxsize ?? Number.NEGATIVE_INFINITY;
  if (limit(a) !== limit(b)) return limit(b) > limit(a) ? 1 : -1;
  return b.size - a.size || compareBytes(b.uuid, a.uuid);
}

const HEADER = ['size', 'maxsize', '%full'].map((title, column) => title.padStart(column === 2 ? 5 : 7));

function tableText(
  rows: readonly Row[],
  known: KnownRepositories,
  word: (bytes: number) => string,
): ByteString {
  const lines = rows.map(({ uuid, size, maxsize }) =>
    [
      word(size).padStart(7),
      (maxsize === undefined ? '' : word(maxsize)).padStart(7),
      (maxsize === undefined ? '' : fullness(size, maxsize)).padStart(6),
      ` ${known.line(uuid)}`,
    ].join(' '),
  );
  return [`${HEADER[0]} ${HEADER[1]}  ${HEADER[2]}  repository`, ...lines, ''].join('\n') as ByteString;
}

function fullness(size: number, maxsize: number): string {
  if (size > maxsize) return '>100%';
  return `${maxsize === 0 ? 0 : roundHalfEven((size / maxsize) * 100)}%`;
}
