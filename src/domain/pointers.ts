import type { ByteString } from '../lib/bytes.js';
import { hashDirMixed } from './hash-directories.js';
import type { Key } from './key.js';
import { keyFileName, parseKeyFileName } from './key.js';

/** Largest pointer file in bytes (internals/pointer_file); anything longer is content. */
export const maxPointerSize = 32 * 1024;

const marker = '/annex/objects/';

/**
 * The symlink target of a locked file: `../` up to the top of the work tree, then `.git/annex/objects/Xx/Yy/KEY/KEY`.
 * `.git` is right in submodules and worktrees too: there git-annex makes it a symlink.
 * @param file path relative to the top of the work tree
 */
export function symlinkTarget(key: Key, file: ByteString): ByteString {
  const name = keyFileName(key);
  return `${upwards(file)}.git/annex/objects/${hashDirMixed(key)}/${name}/${name}` as ByteString;
}

/** The content of an unlocked file whose content is not here: `/annex/objects/KEY\n`. */
export function pointerContent(key: Key): ByteString {
  return `/annex/objects/${keyFileName(key)}\n` as ByteString;
}

/**
 * The key that a symlink points to, whatever repository the target was made for (another depth, a submodule, a tuned
 * repository): `/annex/objects/` must be in it, and its last component be a key. Undefined: not an annex link.
 */
export function parseSymlink(target: ByteString): Key | undefined {
  return parsePointer(target);
}

/**
 * The key of a pointer file, given its whole content; undefined when it is not one. The first line must hold
 * `/annex/objects/` and end in a key. Every further line must hold `/annex/` and end in a newline. Content above
 * `maxPointerSize` never is a pointer, so a caller need not read more than that plus one byte.
 */
export function parsePointer(content: ByteString): Key | undefined {
  if (content.length > maxPointerSize) return undefined;
  const newline = content.indexOf('\n');
  const line = newline === -1 ? content : content.slice(0, newline);
  if (!line.includes(marker)) return undefined;
  if (newline !== -1 && !validRest(content, newline + 1)) return undefined;
  const end = line.endsWith('\r') ? line.length - 1 : line.length;
  return parseKeyFileName(line.slice(line.lastIndexOf('/') + 1, end));
}

/** Whether the start of a file (say, its first 100 bytes) rules out that it is a pointer file. */
export function cannotBePointer(start: ByteString): boolean {
  const newline = start.indexOf('\n');
  return newline !== -1 && !start.slice(0, newline).includes(marker);
}

function validRest(content: string, start: number): boolean {
  let at = start;
  while (at < content.length) {
    const end = content.indexOf('\n', at);
    if (end === -1) return false;
    const found = content.indexOf('/annex/', at);
    if (found === -1 || found > end) return false;
    at = end + 1;
  }
  return true;
}

function upwards(file: ByteString): string {
  let path = '';
  for (let i = 0; i < file.length; i++) if (file.charCodeAt(i) === 0x2f) path += '../';
  return path;
}
