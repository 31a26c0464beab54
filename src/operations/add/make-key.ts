import { statSync } from 'node:fs';
import { defaultBackend, parseBackend } from '../../domain/backends.js';
import { AnnexError } from '../../domain/errors.js';
import { type ExtensionLimits, defaultExtensionLimits, keyExtension } from '../../domain/extension.js';
import { formatKey, type Key } from '../../domain/key.js';
import { keyName } from '../../domain/key-name.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { type HashOptions, hashFile, hashSmallFile } from '../../repository/objects/hash-file.js';
import { type HashFunction, hashFunction } from '../../repository/objects/hashers.js';
import { splitWords } from '../../lib/words.js';
import type { Settings } from '../../repository/settings/settings.js';

/** Makes keys for files by one backend. */
export interface KeyMaker {
  /**
   * The key of a file's present content, read once. A small file's is there at once, without waiting.
   * @param file absolute
   * @param name what the extension is taken from, and the name of a WORM key: relative to the top of the work tree
   */
  make(file: ByteString, name: ByteString, options?: HashOptions): Key | Promise<Key>;
}

/**
 * The maker of keys for a backend. Throws `invalid-setting` when there is no such backend, or when it can't make keys of
 * files here (URL, external backends, hashes that are not supported).
 */
export async function createKeyMaker(backend: ByteString, settings: Settings): Promise<KeyMaker> {
  const parsed = parseBackend(backend);
  if (parsed.type === 'worm') return wormKeys(backend);
  const algorithm = await hashFunction(backend);
  if (algorithm === undefined) {
    const known = parsed.type === 'unknown' ? 'unknown backend' : 'this backend cannot make keys here:';
    throw new AnnexError('invalid-setting', `${known} ${toText(backend)}`);
  }
  const limits = backend.endsWith('E') ? extensionLimits(settings) : undefined;
  return hashKeys(backend, algorithm, limits);
}

/** The backend used where neither an option nor an attribute names one. */
export function usualBackend(settings: Settings): ByteString {
  const names = (settings.get('annex.backend') ?? settings.get('annex.backends') ?? '') as ByteString;
  return splitWords(names)[0] ?? defaultBackend;
}

function extensionLimits(settings: Settings): ExtensionLimits {
  return {
    length: settings.int('annex.maxextensionlength', defaultExtensionLimits.length),
    count: settings.int('annex.maxextensions', defaultExtensionLimits.count),
  };
}

function hashKeys(
  backend: ByteString,
  algorithm: HashFunction,
  limits: ExtensionLimits | undefined,
): KeyMaker {
  const keyOf = (digest: ByteString, size: number, name: ByteString): Key => {
    const extension = limits === undefined ? '' : keyExtension(name, limits);
    return formatKey({ backend, size, name: `${digest}${extension}` as ByteString });
  };
  return {
    make(file, name, options) {
      const small = hashSmallFile(file, algorithm);
      if (small === undefined) {
        return hashFile(file, algorithm, options).then(({ digest, size }) => keyOf(digest, size, name));
      }
      options?.onBytes?.(small.size);
      return keyOf(small.digest, small.size, name);
    },
  };
}

function wormKeys(backend: ByteString): KeyMaker {
  return {
    make(file, name) {
      const { size, mtimeMs } = statSync(toPath(file));
      return formatKey({ backend, size, mtime: Math.floor(mtimeMs / 1000), name: keyName(name) });
    },
  };
}
