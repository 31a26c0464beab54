import type { ByteString } from '../lib/bytes.js';
import { AnnexError } from './errors.js';

declare const keyBrand: unique symbol;

/**
 * A key in its canonical serialization `BACKEND[-sSIZE][-mMTIME][-SCHUNKSIZE][-CCHUNK]--NAME`
 * (git-annex: internals/key_format). Only `parseKey`, `parseKeyFileName` and `formatKey` make one. It may hold any byte
 * but NUL and newline, `/` included: as part of a path use `keyFileName`.
 */
export type Key = ByteString & { readonly [keyBrand]: true };

export interface KeyParts {
  readonly backend: ByteString;
  /** Bytes of content, when the key tells. */
  readonly size?: number;
  /** Seconds since 1970 (WORM). */
  readonly mtime?: number;
  readonly chunkSize?: number;
  /** Counts from 1. */
  readonly chunkNumber?: number;
  readonly name: ByteString;
}

const grammar = /^([^-\0\n]+)(?:-s(\d+))?(?:-m(\d+))?(?:-S(\d+))?(?:-C(\d+))?--([^\0\n]*)$/;

/** What follows the first dot, dot included, in a key of an `...E` backend; git-annex refuses longer ones. */
const maxExtensionLength = 64;

/**
 * A key from its serialization; undefined when it is not one. The numbers' leading zeros are dropped, as git-annex does.
 * The fields must come in the canonical order.
 */
export function parseKey(text: ByteString | string): Key | undefined {
  const match = grammar.exec(text);
  if (match === null) return undefined;
  const backend = match[1] as string;
  const name = match[6] as string;
  if (hasLongExtension(backend, name)) return undefined;
  for (let group = 2; group < 6; group++) {
    const digits = match[group];
    if (digits !== undefined && digits.length > 1 && digits.startsWith('0')) return canonical(match);
  }
  return text as Key;
}

/** The parts of a key. Numbers beyond 2^53 lose precision here (not in the key). */
export function keyParts(key: Key): KeyParts {
  const match = grammar.exec(key);
  if (match === null) throw new AnnexError('internal', 'not a key');
  const [, backend, size, mtime, chunkSize, chunkNumber, name] = match;
  return {
    backend: backend as ByteString,
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(mtime === undefined ? {} : { mtime: Number(mtime) }),
    ...(chunkSize === undefined ? {} : { chunkSize: Number(chunkSize) }),
    ...(chunkNumber === undefined ? {} : { chunkNumber: Number(chunkNumber) }),
    name: name as ByteString,
  };
}

/** The content's size in bytes, when the key tells; cheaper than `keyParts`. */
export function keySize(key: Key): number | undefined {
  const start = key.indexOf('-') + 1;
  return key.charCodeAt(start) === 0x73 ? Number.parseInt(key.slice(start + 1, start + 24), 10) : undefined;
}

/** The backend's name; cheaper than `keyParts`. */
export function keyBackend(key: Key): ByteString {
  return key.slice(0, key.indexOf('-')) as ByteString;
}

/** A key from its parts. Throws `AnnexError('invalid-key')` when no key can be made of them. */
export function formatKey(parts: KeyParts): Key {
  const text =
    parts.backend +
    field('-s', parts.size) +
    field('-m', parts.mtime) +
    field('-S', parts.chunkSize) +
    field('-C', parts.chunkNumber) +
    '--' +
    parts.name;
  const key = parseKey(text);
  if (key === undefined) throw new AnnexError('invalid-key', 'these parts do not make a key');
  return key;
}

/** The key without its chunk fields: the one that a chunk belongs to. Any other key comes back as it is. */
export function chunkParent(key: Key): Key {
  const head = key.slice(0, key.indexOf('--'));
  const parent = head.replace(/-S\d+/, '').replace(/-C\d+$/, '');
  return parent.length === head.length ? key : ((parent + key.slice(head.length)) as Key);
}

/** The name of the file (and directory) that holds a key's content, and of its logs: `/` `%` `&` `:` are escaped. */
export function keyFileName(key: Key): ByteString {
  return /[/%&:]/.test(key) ? (key.replace(/[/%&:]/g, escapeChar) as ByteString) : key;
}

/**
 * The key of a file name made by `keyFileName`; undefined when it is none. Unknown escapes are read as git-annex reads
 * them: `&q` is `q`, a last `&` nothing.
 */
export function parseKeyFileName(name: ByteString | string): Key | undefined {
  if (name.includes('/')) return undefined;
  return parseKey(/[%&]/.test(name) ? name.replace(/%|&.?/gs, unescapeChar) : name);
}

const escapes: { readonly [char: string]: string } = { '/': '%', '%': '&s', '&': '&a', ':': '&c' };
const unescapes: { readonly [escaped: string]: string } = { '%': '/', '&s': '%', '&a': '&', '&c': ':' };
const escapeChar = (char: string): string => escapes[char] as string;
const unescapeChar = (escaped: string): string => unescapes[escaped] ?? escaped.slice(1);

function hasLongExtension(backend: string, name: string): boolean {
  if (name.length <= maxExtensionLength || !backend.endsWith('E')) return false;
  const dot = name.indexOf('.');
  return dot !== -1 && name.length - dot > maxExtensionLength;
}

function canonical(match: RegExpExecArray): Key {
  const fields = ['-s', '-m', '-S', '-C'].map((prefix, i) => {
    const digits = match[i + 2];
    return digits === undefined ? '' : prefix + digits.replace(/^0+(?=\d)/, '');
  });
  return `${match[1]}${fields.join('')}--${match[6]}` as Key;
}

function field(prefix: string, value: number | undefined): string {
  if (value === undefined) return '';
  if (!Number.isSafeInteger(value) || value < 0)
    throw new AnnexError('invalid-key', `bad number in key: ${value}`);
  return prefix + value;
}
