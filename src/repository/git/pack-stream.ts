import { createHash } from 'node:crypto';
import { toBuffer } from '../../lib/buffers.js';
import type { NewObject, ObjectFormat } from './git.js';
import { zlibStream } from './object-writer.js';

const typeNumbers = { commit: 1, tree: 2, blob: 3, tag: 4 } as const;

/**
 * The bytes of a pack, version 2, without deltas (gitformat-pack(5)), in pieces of about 256 KiB.
 * @param count how many objects follow; the header tells
 */
export function* packStream(
  objects: Iterable<NewObject>,
  count: number,
  format: ObjectFormat,
): Generator<Buffer> {
  const hash = createHash(format);
  const header = Buffer.alloc(12);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(count, 8);
  let pieces: Buffer[] = [header];
  let bytes = header.length;
  for (const object of objects) {
    const content = zlibStream(toBuffer(object.content), object.type);
    pieces.push(entryHeader(typeNumbers[object.type], object.content.length), content);
    bytes += content.length;
    if (bytes < 256 * 1024) continue;
    const piece = Buffer.concat(pieces);
    hash.update(piece);
    yield piece;
    pieces = [];
    bytes = 0;
  }
  const last = Buffer.concat(pieces);
  hash.update(last);
  yield Buffer.concat([last, hash.digest()]);
}

/** Type and size: four bits of the size in the first byte, then seven a byte, the smallest first. */
function entryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
    rest = Math.floor(rest / 128);
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}
