import type { Readable, Writable } from 'node:stream';
import { type ByteString, fromText } from '../../lib/bytes.js';

/** What a program that git starts talks through. */
export interface Streams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** The current directory, absolute. */
  readonly cwd: ByteString;
}

export function processStreams(): Streams {
  const { stdin, stdout, stderr } = process;
  return { stdin, stdout, stderr, cwd: fromText(process.cwd()) };
}

/** Resolves when the stream can take more. */
export async function write(stream: Writable, bytes: Uint8Array | string): Promise<void> {
  if (stream.write(bytes)) return;
  await new Promise<void>((resolve, reject) => {
    stream.once('drain', resolve);
    stream.once('error', reject);
    stream.once('close', resolve);
  });
}

export function say(stream: Writable, line: string): void {
  stream.write(`${line}\n`);
}
