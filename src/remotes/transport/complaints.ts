import type { Readable } from 'node:stream';

/** Bytes kept of what was said: the end, where errors stand. */
const kept = 4096;

/** Collects the end of what a program says on its standard error stream, for people: control characters are left out. */
export function collectComplaints(stream: Readable): () => string {
  let said = Buffer.alloc(0);
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    said = Buffer.concat([said, chunk]).subarray(-kept);
  });
  return () =>
    said
      .toString('utf8')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the other side may not steer the user's terminal
      .replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '')
      .trim();
}
