import type { ByteString } from './bytes.js';
import { isAscii } from './bytes.js';

/** The bytes of a buffer. */
export function fromBuffer(buffer: Buffer): ByteString {
  return buffer.toString('latin1') as ByteString;
}

/** A buffer with the bytes of the string. */
export function toBuffer(bytes: ByteString): Buffer {
  return Buffer.from(bytes, 'latin1');
}

/** A path in the form `node:fs` takes: the string itself where that is exact, else the raw bytes. */
export function toPath(bytes: ByteString): string | Buffer {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1');
}
