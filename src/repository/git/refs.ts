import { existsSync, readFileSync } from 'node:fs';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { RepositoryLocation } from '../repository.js';

const sha = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Reads a ref straight from the files of a repository: loose, symbolic or packed (gitrepository-layout(5)).
 * @returns the sha; undefined when the ref does not exist; 'ask' when only git itself can tell (another ref format, a
 * name that is not a full ref, a ref of one work tree only)
 */
export function readRefFile(
  location: RepositoryLocation,
  ref: ByteString,
  depth = 0,
): ByteString | undefined | 'ask' {
  if (!isPlainRef(ref) || depth > 5 || existsSync(toPath(`${location.commonDir}/reftable` as ByteString)))
    return 'ask';
  const folder = ref === 'HEAD' ? location.gitDir : location.commonDir;
  const text = readQuietly(`${folder}/${ref}` as ByteString)?.trimEnd();
  if (text === 'unreadable') return 'ask';
  if (text !== undefined) {
    if (sha.test(text)) return text as ByteString;
    const target = /^ref: *(refs\/.*)$/s.exec(text)?.[1];
    return target === undefined ? 'ask' : readRefFile(location, target as ByteString, depth + 1);
  }
  return ref === 'HEAD' ? 'ask' : readPackedRef(location, ref);
}

/** A full ref shared by all work trees, or HEAD, that can be a file name without meaning anything else. */
function isPlainRef(ref: string): boolean {
  if (ref === 'HEAD') return true;
  if (!/^refs\/(?:heads|remotes|tags|annex|synced)\//.test(ref)) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters cannot be in a ref
  return !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\/$|\.lock$/.test(ref);
}

function readPackedRef(location: RepositoryLocation, ref: ByteString): ByteString | undefined | 'ask' {
  const packed = readQuietly(`${location.commonDir}/packed-refs` as ByteString);
  if (packed === 'unreadable') return 'ask';
  const at = packed === undefined ? -1 : `${packed}\n`.indexOf(` ${ref}\n`);
  if (packed === undefined || at < 0) return undefined;
  const name = packed.slice(packed.lastIndexOf('\n', at) + 1, at);
  return sha.test(name) ? (name as ByteString) : 'ask';
}

function readQuietly(path: ByteString): ByteString | 'unreadable' | undefined {
  try {
    return fromBuffer(readFileSync(toPath(path)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A folder of that name: the ref itself can only be packed.
    return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' ? undefined : 'unreadable';
  }
}
