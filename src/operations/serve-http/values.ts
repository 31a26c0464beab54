import { decodeBase64 } from '../../domain/base64.js';
import { type Key, parseKey } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';

/** A value of a request that is not what it should be; the message is git-annex's. */
export class BadValue extends Error {}

/**
 * Percent-decoded bytes; what is no escape stands for itself. In a query, `+` is a space.
 * @param text of a request line, one char per byte
 */
export function decodePercent(text: string, plus: boolean): ByteString {
  const spaced = plus ? text.replaceAll('+', ' ') : text;
  return spaced.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  ) as ByteString;
}

/** The API writes what need not be UTF-8 as `[base64url]`; its padding may be left out. Throws `BadValue`. */
export function unwrap(value: ByteString): ByteString {
  if (!value.startsWith('[') || !value.endsWith(']') || value.length < 2) return value;
  const inner = value.slice(1, -1).replaceAll('-', '+').replaceAll('_', '/');
  const decoded = decodeBase64(inner.padEnd(Math.ceil(inner.length / 4) * 4, '='));
  if (decoded === undefined) throw new BadValue('unable to base64 decode [] wrapped value');
  return decoded;
}

export function toKey(value: ByteString): Key {
  const key = parseKey(unwrap(value));
  if (key === undefined) throw new BadValue('key parse error');
  return key;
}

export function toServerUuid(value: ByteString): Uuid {
  const uuid = unwrap(value);
  if (uuid === '') throw new BadValue('empty UUID');
  return uuid as Uuid;
}

/** It becomes a part of file names, so that it may be less than git-annex allows. */
export function toClientUuid(value: ByteString): Uuid {
  const uuid = toServerUuid(value);
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(uuid)) throw new BadValue('not a UUID');
  return uuid;
}

/** @param name what git-annex calls it in its complaint */
export function toWhole(value: ByteString, name: string): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  if (number === undefined) throw new BadValue(`${name} parse error`);
  return number;
}

/** Seconds of the server's clock; a negative time is one that has passed. */
export function toTimestamp(value: ByteString): number {
  return value.startsWith('-')
    ? -toWhole(value.slice(1) as ByteString, 'timestamp')
    : toWhole(value, 'timestamp');
}

export function toFlag(value: ByteString): boolean {
  if (value === 'true' || value === '1' || value === '') return true;
  if (value === 'false' || value === '0') return false;
  throw new BadValue(`could not parse: \`${value.slice(0, 100)}'`);
}
