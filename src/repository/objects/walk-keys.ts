import { readdirSync, statSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { parseKeyFileName } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';

/**
 * All keys whose content is below a directory of objects, in no order, each once per place it is at. Whatever else lies there
 * is passed over. Gives way to other work between directories.
 */
export async function* walkKeys(objects: ByteString): AsyncGenerator<Key> {
  for (const first of names(objects)) {
    for (const second of names(`${objects}/${first}`)) {
      const directory = `${objects}/${first}/${second}`;
      for (const name of names(directory)) {
        const key = parseKeyFileName(name);
        if (key !== undefined && isFile(`${directory}/${name}/${name}`)) yield key;
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function names(directory: string): string[] {
  try {
    return readdirSync(toPath(directory as ByteString), 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

function isFile(path: string): boolean {
  return statSync(toPath(path as ByteString), { throwIfNoEntry: false })?.isFile() === true;
}
