import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { decodeBase64, encodeBase64 } from '../base64.js';
import type { VectorClock } from '../vector-clock.js';
import { compareClocks, formatClock, nextClock, parseClock } from '../vector-clock.js';
import { compareBytes, logLines } from './lines.js';

/** Values of one field and whether the line sets (true) or unsets them. */
export type MetadataValues = ReadonlyMap<ByteString, boolean>;

interface Field {
  readonly name: ByteString;
  readonly values: Map<ByteString, boolean>;
}

/** Fields by their name in lower case. */
type Fields = Map<string, Field>;

interface Entry {
  readonly clock: VectorClock;
  readonly fields: Fields;
}

/** A key's metadata as it is now. */
export interface Metadata {
  /** Values by field name (as last written), in order of names regardless of case; values in byte order. */
  readonly fields: ReadonlyMap<ByteString, readonly ByteString[]>;
  /** When each of these fields was last touched. */
  readonly changed: ReadonlyMap<ByteString, VectorClock>;
  /** When anything was last touched; undefined: there is no log. */
  readonly lastChanged: VectorClock | undefined;
}

/** The current metadata of a `.log.met` or `.log.rmet` (lines `TIME FIELD +VALUE -VALUE FIELD ...`). */
export function parseMetadata(content: ByteString): Metadata {
  const current: Fields = new Map();
  const changed = new Map<string, VectorClock>();
  const entries = parseEntries(content);
  for (const entry of entries) {
    for (const [id, { name, values }] of entry.fields) {
      const known = current.get(id)?.values ?? new Map<ByteString, boolean>();
      for (const [value, set] of values) known.set(value, set);
      current.set(id, { name, values: known });
      changed.set(id, entry.clock);
    }
  }
  const fields = new Map<ByteString, readonly ByteString[]>();
  const changedByName = new Map<ByteString, VectorClock>();
  for (const [id, { name, values }] of sortedFields(current)) {
    const set = [...values].filter(([, isSet]) => isSet).map(([value]) => value);
    if (set.length === 0) continue;
    fields.set(name, set.sort());
    changedByName.set(name, changed.get(id) as VectorClock);
  }
  return { fields, changed: changedByName, lastChanged: entries.at(-1)?.clock };
}

/**
 * The content after one more line that sets and unsets values, at `now` or just after the newest line. When older lines
 * are then wholly out of date the log is compacted as git-annex does it.
 */
export function changeMetadata(
  content: ByteString,
  changes: ReadonlyMap<ByteString, MetadataValues>,
  now: VectorClock,
): ByteString {
  const entries = parseEntries(content);
  const fields: Fields = new Map();
  for (const [name, values] of changes) addValues(fields, name, values);
  if (fields.size === 0) return content;
  entries.push({ clock: nextClock(now, entries.at(-1)?.clock), fields });
  return buildEntries(compact(entries));
}

function parseEntries(content: ByteString): Entry[] {
  const entries: Entry[] = [];
  for (const line of logLines(content)) {
    const space = line.indexOf(' ');
    const clock = space === -1 ? undefined : parseClock(line.slice(0, space));
    if (clock === undefined) continue;
    entries.push({ clock, fields: parseFields(line.slice(space + 1)) });
  }
  return dropEqual(entries.sort(compareEntries));
}

/** A word is a value of the field before it when it can be one, else the next field's name. */
function parseFields(text: string): Fields {
  const fields: Fields = new Map();
  let name: ByteString | undefined;
  for (const word of text.split(' ') as ByteString[]) {
    const value = name === undefined ? undefined : parseValue(word);
    if (name === undefined || value === undefined) name = word;
    else addValues(fields, name, new Map([[value, word.startsWith('+')]]));
  }
  return fields;
}

function parseValue(word: ByteString): ByteString | undefined {
  if (!word.startsWith('+') && !word.startsWith('-')) return undefined;
  return word.charAt(1) === '!' ? decodeBase64(word.slice(2)) : (word.slice(1) as ByteString);
}

function formatValue(value: ByteString, set: boolean): string {
  return `${set ? '+' : '-'}${/[ \r\n]|^!/.test(value) ? `!${encodeBase64(value)}` : value}`;
}

function addValues(fields: Fields, name: ByteString, values: MetadataValues): void {
  if (values.size === 0) return;
  const id = toText(name).toLowerCase();
  const known = fields.get(id)?.values ?? new Map<ByteString, boolean>();
  for (const [value, set] of values) known.set(value, set);
  fields.set(id, { name, values: known });
}

/** Takes values out of older lines that newer lines speak of, if that makes the log shorter by a line at least. */
function compact(entries: readonly Entry[]): readonly Entry[] {
  const spoken = new Map<string, Set<ByteString>>();
  const kept: Entry[] = [];
  for (const { clock, fields } of [...entries].reverse()) {
    const rest: Fields = new Map();
    for (const [id, { name, values }] of fields) {
      const newer = spoken.get(id) ?? new Set<ByteString>();
      addValues(rest, name, new Map([...values].filter(([value]) => !newer.has(value))));
      for (const value of values.keys()) newer.add(value);
      spoken.set(id, newer);
    }
    if (rest.size > 0) kept.push({ clock, fields: rest });
  }
  return kept.length < entries.length ? dropEqual(kept.reverse().sort(compareEntries)) : entries;
}

function buildEntries(entries: readonly Entry[]): ByteString {
  let content = '';
  for (const { clock, fields } of entries) {
    content += formatClock(clock);
    for (const [, { name, values }] of sortedFields(fields)) {
      content += ` ${name}`;
      for (const [value, set] of sortedValues(values)) content += ` ${formatValue(value, set)}`;
    }
    content += '\n';
  }
  return content as ByteString;
}

/** Of entries that differ at most in what is set and unset, the last. */
function dropEqual(sorted: readonly Entry[]): Entry[] {
  const distinct: Entry[] = [];
  for (const entry of sorted) {
    const last = distinct.at(-1);
    if (last !== undefined && compareEntries(last, entry) === 0) distinct.pop();
    distinct.push(entry);
  }
  return distinct;
}

function compareEntries(a: Entry, b: Entry): number {
  const order = compareClocks(a.clock, b.clock);
  return order !== 0 ? order : compareFieldLists(sortedFields(a.fields), sortedFields(b.fields));
}

function compareFieldLists(a: [string, Field][], b: [string, Field][]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [idA, fieldA] = a[i] as [string, Field];
    const [idB, fieldB] = b[i] as [string, Field];
    const order = compareBytes(idA, idB) || compareValueLists(fieldA.values, fieldB.values);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareValueLists(a: MetadataValues, b: MetadataValues): number {
  const valuesA = [...a.keys()].sort();
  const valuesB = [...b.keys()].sort();
  for (let i = 0; i < Math.min(valuesA.length, valuesB.length); i++) {
    const order = compareBytes(valuesA[i] as string, valuesB[i] as string);
    if (order !== 0) return order;
  }
  return valuesA.length - valuesB.length;
}

function sortedFields(fields: Fields): [string, Field][] {
  return [...fields].sort((a, b) => compareBytes(a[0], b[0]));
}

function sortedValues(values: MetadataValues): [ByteString, boolean][] {
  return [...values].sort((a, b) => compareBytes(a[0], b[0]));
}
