import { AnnexError } from '../../domain/errors.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { fromText } from '../../lib/bytes.js';

/** Repositories behind the server that an answer tells about besides its own. */
export interface PlusUuids {
  readonly plusUuids: readonly Uuid[];
}

type Json = { readonly [name: string]: unknown };

/** The answer of `checkpresent`. All of these throw `protocol` for what is not such an answer. */
export function parsePresent(text: string): boolean {
  return boolean(object(text), 'present');
}

/** The answer of `lockcontent`: the lock's id; undefined when the content could not be locked. */
export function parseLocked(text: string): string | undefined {
  const answer = object(text);
  if (!boolean(answer, 'locked')) return undefined;
  const id = answer['lockid'];
  if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID) throw garbled();
  return id;
}

/** The answer of `remove` and `remove-before`. */
export function parseRemoved(text: string): { readonly removed: boolean } & PlusUuids {
  const answer = object(text);
  return { removed: boolean(answer, 'removed'), plusUuids: plusUuids(answer) };
}

/** The answer of `gettimestamp`: seconds of the server's monotonic clock. */
export function parseTimestamp(text: string): number {
  return count(object(text), 'timestamp');
}

/** The answer of `put`. */
export function parseStored(text: string): { readonly stored: boolean } & PlusUuids {
  const answer = object(text);
  return { stored: boolean(answer, 'stored'), plusUuids: plusUuids(answer) };
}

/** The answer of `putoffset`: bytes that are there already; `undefined`: the whole content is. */
export function parseOffset(text: string): { readonly offset: number | undefined } & PlusUuids {
  const answer = object(text);
  if (answer['alreadyhave'] === true) return { offset: undefined, plusUuids: plusUuids(answer) };
  return { offset: count(answer, 'offset'), plusUuids: [] };
}

/** The header that tells how many bytes of content follow; undefined when it is missing. Throws `protocol`. */
export function parseDataLength(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const length = /^\d{1,16}$/.test(header) ? Number(header) : Number.NaN;
  if (!Number.isSafeInteger(length)) throw garbled();
  return length;
}

const LONGEST_ID = 1000;
const MOST_UUIDS = 10_000;

function object(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw garbled();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw garbled();
  return value as Json;
}

function boolean(answer: Json, name: string): boolean {
  const value = answer[name];
  if (typeof value !== 'boolean') throw garbled();
  return value;
}

function count(answer: Json, name: string): number {
  const value = answer[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw garbled();
  return value;
}

function plusUuids(answer: Json): Uuid[] {
  const list = answer['plusuuids'];
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length > MOST_UUIDS) throw garbled();
  return list.map((item: unknown) => {
    const uuid = typeof item === 'string' ? parseUuid(decode(item)) : undefined;
    if (uuid === undefined) throw garbled();
    return uuid;
  });
}

/** A uuid that is not UTF-8 comes as base64url in square brackets. */
function decode(text: string): string {
  const wrapped = /^\[([A-Za-z0-9_-]*)={0,2}\]$/.exec(text);
  if (wrapped === null) return fromText(text);
  return Buffer.from(wrapped[1] as string, 'base64url').toString('latin1');
}

function garbled(): AnnexError {
  return new AnnexError('protocol', 'the server gave an answer that makes no sense', {
    hint: 'Does the url really lead to a git-annex server (git annex p2phttp)?',
  });
}
