import { closeSync, openSync, readSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';

const PIECE = 1 << 20;

/** The first byte where two files of the same length differ; undefined: they are the same. */
export function firstDifference(one: ByteString, other: ByteString): number | undefined {
  const files = [openSync(toPath(one), 'r')];
  try {
    files.push(openSync(toPath(other), 'r'));
    for (let at = 0; ; at += PIECE) {
      const [a, b] = files.map((file) => piece(file, at)) as [Buffer, Buffer];
      if (!a.equals(b)) return at + a.findIndex((byte, i) => byte !== b[i]);
      if (a.length < PIECE) return undefined;
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}

function piece(file: number, position: number): Buffer {
  const buffer = Buffer.allocUnsafe(PIECE);
  let length = 0;
  for (;;) {
    const read = readSync(file, buffer, length, PIECE - length, position + length);
    length += read;
    if (read === 0 || length === PIECE) return buffer.subarray(0, length);
  }
}
