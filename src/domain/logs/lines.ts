import type { ByteString } from '../../lib/bytes.js';

/** The lines of a log that are not empty. They end in a newline, a carriage return or both; the last may lack it. */
export function logLines(content: ByteString): ByteString[] {
  const lines = content.includes('\r') ? content.split(/[\r\n]+/) : content.split('\n');
  return lines.filter((line) => line !== '') as ByteString[];
}

/** Order of byte strings, byte by byte. */
export function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
