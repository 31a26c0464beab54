import { parseBackend } from '../../domain/backends.js';
import type { Key } from '../../domain/key.js';
import { keyBackend, keyParts } from '../../domain/key.js';

/**
 * Whether `git annex migrate` would give the content a better key: git-annex once escaped names with a backslash, allowed
 * all characters in extensions, and spaces in WORM keys. Bytes that are not ASCII may be in an extension.
 */
export function isImprovable(key: Key): boolean {
  const { type } = parseBackend(keyBackend(key));
  const { name } = keyParts(key);
  if (type === 'worm') return name.includes(' ');
  if (type !== 'hash') return false;
  if (name.startsWith('\\')) return true;
  const dot = name.indexOf('.');
  return dot !== -1 && /[^A-Za-z0-9.\x80-\xff]/.test(name.slice(dot));
}
