import { type ByteString, toText } from '../lib/bytes.js';
import { AnnexError } from './errors.js';
import type { Metadata, MetadataValues } from './logs/metadata-log.js';
import { compareBytes } from './logs/lines.js';
import type { VectorClock } from './vector-clock.js';

/** One change that a user asks for. */
export type MetadataEdit =
  /** Sets a value and removes all others. */
  | { readonly type: 'set'; readonly field: ByteString; readonly value: ByteString }
  | { readonly type: 'add' | 'remove'; readonly field: ByteString; readonly value: ByteString }
  /** Sets a value where the field has none. */
  | { readonly type: 'default'; readonly field: ByteString; readonly value: ByteString }
  /** Replaces all values of a field. */
  | { readonly type: 'replace'; readonly field: ByteString; readonly values: readonly ByteString[] }
  | { readonly type: 'clear'; readonly field: ByteString }
  | { readonly type: 'clear-all' };

/** Fields that hold tags. */
export const tagField = 'tag' as ByteString;

const LAST_CHANGED = 'lastchanged';

/** Field names are letters and digits of any script and `_-.`; case does not count. */
export function isFieldName(name: ByteString): boolean {
  return /^[\p{L}\p{N}_.-]+$/u.test(toText(name));
}

/** Throws `usage` for what is no field's name; `place` comes before the complaint. */
export function checkFieldName(name: ByteString, place = ''): ByteString {
  if (isFieldName(name)) return name;
  throw new AnnexError('usage', `${place}Illegal metadata field name, "${toText(name)}"`);
}

/** What `--set` takes: `FIELD=VALUE`, `FIELD+=VALUE`, `FIELD-=VALUE`, `FIELD?=VALUE`. */
export function parseMetadataEdit(text: ByteString): MetadataEdit {
  const equals = text.indexOf('=');
  const end = equals === -1 ? text.length : equals;
  const type = kinds[text.charAt(end - 1)];
  const hasSign = equals > 0 && type !== undefined;
  const field = checkFieldName(text.slice(0, hasSign ? end - 1 : end) as ByteString, 'option -s: ');
  const value = (equals === -1 ? '' : text.slice(equals + 1)) as ByteString;
  return { type: hasSign ? type : 'set', field, value };
}

const kinds: { readonly [sign: string]: 'add' | 'remove' | 'default' } = {
  '+': 'add',
  '-': 'remove',
  '?': 'default',
};

/** The changes to log for a list of edits, all of which look at the metadata as it was before; the last one wins. */
export function metadataChanges(
  edits: readonly MetadataEdit[],
  before: Metadata,
): Map<ByteString, MetadataValues> {
  const changes = new Map<string, { field: ByteString; values: Map<ByteString, boolean> }>();
  const change = (field: ByteString, value: ByteString, set: boolean) => {
    if (isAutomatic(field)) return;
    const id = foldField(field);
    const known = changes.get(id) ?? { field, values: new Map<ByteString, boolean>() };
    known.values.set(value, set);
    changes.set(id, { field, values: known.values });
  };
  const clear = (field: ByteString, kept: readonly ByteString[] = []) => {
    for (const value of valuesOf(before, field)) if (!kept.includes(value)) change(field, value, false);
  };
  for (const edit of withSetsJoined(edits)) {
    if (edit.type === 'clear-all') for (const field of before.fields.keys()) clear(field);
    else if (edit.type === 'clear') clear(edit.field);
    else if (edit.type === 'replace') {
      clear(edit.field, edit.values);
      for (const value of edit.values) change(edit.field, value, true);
    } else if (edit.type !== 'default') change(edit.field, edit.value, edit.type === 'add');
    else if (valuesOf(before, edit.field).length === 0) change(edit.field, edit.value, true);
  }
  return new Map([...changes.values()].map(({ field, values }) => [field, values]));
}

type Joined = Exclude<MetadataEdit, { type: 'set' }>;

/** Several values set for one field are all kept. */
function withSetsJoined(edits: readonly MetadataEdit[]): Joined[] {
  const joined: Joined[] = [];
  for (const edit of edits) {
    if (edit.type !== 'set') joined.push(edit);
    else joined.push({ type: 'clear', field: edit.field }, { ...edit, type: 'add' });
  }
  const clears = joined.filter(({ type }) => type === 'clear' || type === 'clear-all');
  return [...clears, ...joined.filter((edit) => !clears.includes(edit))];
}

/** The values of a field, whatever its case. */
export function valuesOf(metadata: Metadata, field: ByteString): readonly ByteString[] {
  const exact = metadata.fields.get(field);
  if (exact !== undefined) return exact;
  const id = foldField(field);
  for (const [name, values] of metadata.fields) if (foldField(name) === id) return values;
  return [];
}

export function foldField(field: ByteString): string {
  return toText(field).toLowerCase();
}

/** Kept by git-annex itself: `lastchanged`, `FIELD-lastchanged`. */
export function isAutomatic(field: ByteString): boolean {
  const id = foldField(field);
  return id === LAST_CHANGED || id.endsWith(`-${LAST_CHANGED}`);
}

/** All fields as they are shown, those of the times of changes among them, in order regardless of case. */
export function shownMetadata(metadata: Metadata): [ByteString, readonly ByteString[]][] {
  const shown: [ByteString, readonly ByteString[]][] = [];
  for (const [field, values] of metadata.fields) {
    if (isAutomatic(field)) continue;
    shown.push([field, values]);
    const changed = metadata.changed.get(field);
    if (changed !== undefined) shown.push([`${field}-${LAST_CHANGED}` as ByteString, [showTime(changed)]]);
  }
  if (metadata.lastChanged !== undefined) {
    shown.push([LAST_CHANGED as ByteString, [showTime(metadata.lastChanged)]]);
  }
  return shown.sort(([a], [b]) => compareBytes(foldField(a), foldField(b)));
}

/** `2026-11-22@01-01-50`, UTC. */
function showTime(clock: VectorClock): ByteString {
  const seconds = Math.floor(Number(clock));
  const date = new Date(seconds * 1000);
  const text = Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
  return text.replace(/T(..):(..):(..).*$/, '@$1-$2-$3') as ByteString;
}
