import type { ByteString } from '../../lib/bytes.js';
import type { Uuid } from '../uuid.js';
import { parseUuid } from '../uuid.js';
import type { VectorClock } from '../vector-clock.js';
import { compareClocks, formatClock, nextClock, parseClock, unknownClock } from '../vector-clock.js';
import type { Codec, Stamped } from './codec.js';
import { compareBytes, logLines } from './lines.js';

/** A log with one line `UUID VALUE timestamp=TIME` per repository. */
export interface UuidLog<V> {
  /** Its file in the git-annex branch. */
  readonly path: ByteString;
  /** The newest value of each repository, with its time. */
  parse(content: ByteString): Map<Uuid, Stamped<V>>;
  /** The newest value of each repository. */
  values(content: ByteString): Map<Uuid, V>;
  /** The content after setting a repository's value at `now`, or just after the value it replaces if that is later. */
  set(content: ByteString, uuid: Uuid, value: V, now: VectorClock): ByteString;
  /** The content with the newest line of each repository only, in the order in which they are written. */
  compact(content: ByteString): ByteString;
}

const timestampMark = 'timestamp=';

/** Of lines of the same time the last wins, as git-annex has it for these logs. A line without time is the oldest. */
export function uuidLog<V>(path: string, codec: Codec<V>): UuidLog<V> {
  const read = (content: ByteString): Map<ByteString, Stamped<V>> => {
    const newest = new Map<ByteString, Stamped<V>>();
    for (const line of logLines(content)) addLine(newest, line, codec);
    return newest;
  };
  return {
    path: path as ByteString,
    parse: (content) => withValidUuids(read(content)),
    values: (content) => {
      const values = new Map<Uuid, V>();
      for (const [uuid, stamped] of withValidUuids(read(content))) values.set(uuid, stamped.value);
      return values;
    },
    set: (content, uuid, value, now) => {
      const lines = read(content);
      lines.set(uuid, { clock: nextClock(now, lines.get(uuid)?.clock), value });
      return buildLines(lines, codec);
    },
    compact: (content) => buildLines(read(content), codec),
  };
}

function addLine<V>(newest: Map<ByteString, Stamped<V>>, line: ByteString, codec: Codec<V>): void {
  const space = line.indexOf(' ');
  const uuid = (space === -1 ? line : line.slice(0, space)) as ByteString;
  if (uuid === '') return;
  const [text, clock] = splitTimestamp(space === -1 ? '' : line.slice(space + 1));
  const value = codec.parse(text as ByteString);
  if (value === undefined) return;
  const known = newest.get(uuid);
  if (known === undefined || compareClocks(clock, known.clock) >= 0) newest.set(uuid, { clock, value });
}

function splitTimestamp(rest: string): [string, VectorClock] {
  const space = rest.lastIndexOf(' ');
  const word = rest.slice(space + 1);
  const clock = word.startsWith(timestampMark) ? parseClock(word.slice(timestampMark.length)) : undefined;
  if (clock === undefined) return [rest, unknownClock];
  return [space === -1 ? '' : rest.slice(0, space), clock];
}

function buildLines<V>(lines: Map<ByteString, Stamped<V>>, codec: Codec<V>): ByteString {
  let content = '';
  for (const [uuid, { clock, value }] of [...lines].sort((a, b) => compareBytes(a[0], b[0]))) {
    const stamp = clock === unknownClock ? '' : ` ${timestampMark}${formatClock(clock)}`;
    content += `${uuid} ${codec.format(value)}${stamp}\n`;
  }
  return content as ByteString;
}

function withValidUuids<V>(lines: Map<ByteString, Stamped<V>>): Map<Uuid, Stamped<V>> {
  for (const uuid of lines.keys()) if (parseUuid(uuid) === undefined) lines.delete(uuid);
  return lines as Map<ByteString, unknown> as Map<Uuid, Stamped<V>>;
}
