import type { ByteString } from '../../lib/bytes.js';
import type { Git, GitObject } from './git.js';
import type { NewObject, ObjectFormat } from './git.js';
import { objectName } from './object-writer.js';

/** Gathers new objects, tells their names at once, and writes them together. */
export interface ObjectSink {
  readonly format: ObjectFormat;
  /** Bytes of an object name. */
  readonly shaBytes: number;
  /** The object's name. It is readable after `flush`. */
  add(type: GitObject['type'], content: ByteString): ByteString;
  /** Writes what was gathered when it has become much, so that memory stays bounded. */
  relieve(): Promise<void>;
  flush(): Promise<void>;
}

/** Gathered bytes at which `relieve` writes. */
const much = 32 * 1024 * 1024;
/** What an object costs in memory besides its content, about. */
const perObject = 200;

export async function createObjectSink(git: Git): Promise<ObjectSink> {
  const format = await git.objectFormat();
  let gathered = new Map<ByteString, NewObject>();
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const objects = gathered;
    gathered = new Map();
    bytes = 0;
    if (objects.size > 0) await git.writeObjects([...objects.values()]);
  };
  return {
    format,
    shaBytes: format === 'sha1' ? 20 : 32,
    add(type, content) {
      const name = objectName({ type, content }, format);
      if (!gathered.has(name)) {
        gathered.set(name, { type, content, name });
        bytes += content.length + perObject;
      }
      return name;
    },
    async relieve() {
      if (bytes > much) await flush();
    },
    flush,
  };
}
