import { statSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { keyBackend, keyParts, keySize } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { type HashOptions, hashFile } from './hash-file.js';
import { hashFunction } from './hashers.js';

/** Sees all bytes of a content once, in order, and then says whether they are the key's. */
export interface ContentCheck {
  update(bytes: Uint8Array): void;
  /** Undefined: the key cannot tell. Called once, after the last update. */
  matches(): boolean | undefined;
}

/**
 * Makes fresh checks for a key's content: its size when the key tells, and its hash where the backend is one. The promise
 * only waits for a hash library that is not loaded yet.
 */
export async function contentChecks(key: Key): Promise<() => ContentCheck> {
  const algorithm = await hashFunction(keyBackend(key));
  const expected = keyDigest(key);
  const size = keySize(key);
  return () => {
    const hasher = algorithm?.start();
    let seen = 0;
    return {
      update(bytes) {
        seen += bytes.length;
        hasher?.update(bytes);
      },
      matches() {
        if (size !== undefined && seen !== size) return false;
        return hasher === undefined ? undefined : hasher.digest() === expected;
      },
    };
  };
}

/** Whether a file holds the key's content: true, false, or undefined where the key cannot tell. */
export async function verifyFile(
  key: Key,
  file: ByteString,
  options: HashOptions = {},
): Promise<boolean | undefined> {
  const size = keySize(key);
  if (size !== undefined && statSync(toPath(file)).size !== size) return false;
  const algorithm = await hashFunction(keyBackend(key));
  if (algorithm === undefined) return undefined;
  return (await hashFile(file, algorithm, options)).digest === keyDigest(key);
}

/**
 * The digest part of a hash key's name: what comes before the extension of an E backend, without the backslash that
 * git-annex once put before some digests.
 */
export function keyDigest(key: Key): ByteString {
  const { name } = keyParts(key);
  const start = name.startsWith('\\') ? 1 : 0;
  const dot = name.indexOf('.');
  return name.slice(start, dot === -1 ? undefined : dot) as ByteString;
}
