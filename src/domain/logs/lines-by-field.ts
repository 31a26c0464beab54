import type { ByteString } from '../../lib/bytes.js';
import type { VectorClock } from '../vector-clock.js';
import { compareClocks, formatClock, nextClock, parseClock } from '../vector-clock.js';
import type { Codec, Stamped } from './codec.js';
import { compareBytes, logLines } from './lines.js';

/** A log with one line `TIME FIELD VALUE` per field; the field is kept in its canonical text. */
export interface FieldLog<V> {
  /** The newest value of each field, with its time. */
  parse(content: ByteString): Map<ByteString, Stamped<V>>;
  /** The content after setting a field at `now`, or just after the value it replaces if that is later. */
  set(content: ByteString, field: ByteString, value: V, now: VectorClock): ByteString;
}

export interface FieldRules {
  /** The canonical text of a field; undefined: the line is skipped. */
  readonly canonical?: (field: ByteString) => ByteString | undefined;
  /** The order of lines; byte order when not given. */
  readonly compare?: (a: ByteString, b: ByteString) => number;
}

/** Of lines of the same time the last wins, as git-annex has it for these logs. */
export function fieldLog<V>(codec: Codec<V>, rules: FieldRules = {}): FieldLog<V> {
  const { canonical = (field: ByteString) => field, compare = compareBytes } = rules;
  const parse = (content: ByteString): Map<ByteString, Stamped<V>> => {
    const newest = new Map<ByteString, Stamped<V>>();
    for (const line of logLines(content)) {
      const end = line.indexOf(' ');
      const fieldEnd = line.indexOf(' ', end + 1);
      if (end === -1 || fieldEnd === -1) continue;
      const clock = parseClock(line.slice(0, end));
      const field = canonical(line.slice(end + 1, fieldEnd) as ByteString);
      if (clock === undefined || field === undefined) continue;
      const value = codec.parse(line.slice(fieldEnd + 1) as ByteString);
      if (value === undefined) continue;
      const known = newest.get(field);
      if (known === undefined || compareClocks(clock, known.clock) >= 0) newest.set(field, { clock, value });
    }
    return newest;
  };
  return {
    parse,
    set: (content, field, value, now) => {
      const lines = parse(content);
      lines.set(field, { clock: nextClock(now, lines.get(field)?.clock), value });
      let built = '';
      for (const [name, stamped] of [...lines].sort((a, b) => compare(a[0], b[0]))) {
        built += `${formatClock(stamped.clock)} ${name} ${codec.format(stamped.value)}\n`;
      }
      return built as ByteString;
    },
  };
}
