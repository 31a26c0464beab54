import type { ByteString } from '../lib/bytes.js';
import type { Key } from './key.js';
import { chunkParent, keyFileName } from './key.js';
import { md5Words, wordHex } from './md5.js';

/** git-annex's alphabet of 32 letters for the mixed-case directories (internals/hashing, "old hash format"). */
const letters = '0123456789zqjxkmvwgpfZQJXKMVWGPF';

/**
 * The two levels of directories of a key as the git-annex branch, bare repositories and special remotes use them,
 * without a slash at the end: `f87/4d5`. A chunk has those of the key it is a chunk of.
 */
export function hashDirLower(key: Key): ByteString {
  const hex = wordHex(md5Words(chunkParent(key))[0] as number);
  return `${hex.slice(0, 3)}/${hex.slice(3, 6)}` as ByteString;
}

/** The same as non-bare repositories use them for objects: `pX/ZJ`. */
export function hashDirMixed(key: Key): ByteString {
  const word = md5Words(chunkParent(key))[0] as number;
  return `${letter(word >>> 6)}${letter(word)}/${letter(word >>> 18)}${letter(word >>> 12)}` as ByteString;
}

function letter(bits: number): string {
  return letters.charAt(bits & 31);
}

/** The kinds of log that the git-annex branch has per key, by suffix. */
export const keyLogSuffixes = {
  location: '.log',
  web: '.log.web',
  equivalentKeys: '.log.ek',
  remoteState: '.log.rmt',
  metadata: '.log.met',
  remoteMetadata: '.log.rmet',
  contentIdentifiers: '.log.cid',
  chunks: '.log.cnk',
} as const;

export type KeyLogKind = keyof typeof keyLogSuffixes;

/** The path of a key's log in the git-annex branch: `f87/4d5/KEYFILE.log.web`. */
export function keyLogPath(key: Key, kind: KeyLogKind): ByteString {
  return `${hashDirLower(key)}/${keyFileName(key)}${keyLogSuffixes[kind]}` as ByteString;
}

/** The path of a key's location log. */
export function locationLogPath(key: Key): ByteString {
  return `${hashDirLower(key)}/${keyFileName(key)}.log` as ByteString;
}

/** The path of a key's content below `.git/annex/objects/` given its hash directories: `pX/ZJ/KEYFILE/KEYFILE`. */
export function objectPath(key: Key, directories: 'lower' | 'mixed'): ByteString {
  const name = keyFileName(key);
  const hash = directories === 'lower' ? hashDirLower(key) : hashDirMixed(key);
  return `${hash}/${name}/${name}` as ByteString;
}
