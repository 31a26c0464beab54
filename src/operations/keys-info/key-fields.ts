import { formatSizeShort } from '../../domain/data-units.js';
import { hashDirLower, hashDirMixed } from '../../domain/hash-directories.js';
import { type Key, keyParts } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';

/** What a key alone tells, by the names that `--format` and JSON give it; the fields of `find --json`. */
export interface KeyFields {
  readonly [name: string]: ByteString;
  readonly backend: ByteString;
  /** `unknown` when the key does not tell. */
  readonly bytesize: ByteString;
  readonly hashdirlower: ByteString;
  readonly hashdirmixed: ByteString;
  readonly humansize: ByteString;
  readonly key: ByteString;
  readonly keyname: ByteString;
  readonly mtime: ByteString;
}

/** The fields of a key, in alphabetical order. */
export function keyFields(key: Key): KeyFields {
  const { backend, size, mtime, name } = keyParts(key);
  return {
    backend,
    bytesize: text(sizeDigits(key, size) ?? 'unknown'),
    hashdirlower: text(`${hashDirLower(key)}/`),
    hashdirmixed: text(`${hashDirMixed(key)}/`),
    humansize: text(size === undefined ? 'unknown' : formatSizeShort(size)),
    key,
    keyname: name,
    mtime: text(mtime === undefined ? 'unknown' : String(mtime)),
  };
}

/** All digits of the size: it may be beyond what a number holds exactly. */
function sizeDigits(key: Key, size: number | undefined): string | undefined {
  if (size === undefined || Number.isSafeInteger(size)) return size?.toString();
  return /^[^-]+-s(\d+)/.exec(key)?.[1];
}

function text(value: string): ByteString {
  return value as ByteString;
}
