import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';

/** As much of a file as libmagic looks at. */
const LOOKED_AT = 1 << 20;

/**
 * The encoding of a file's content as `file --mime-encoding` tells it: `us-ascii`, `utf-8`, `utf-16le`, `utf-16be`,
 * `iso-8859-1`, `unknown-8bit`, or `binary` (an empty file too). Undefined: it can't be read.
 */
export function mimeEncoding(file: ByteString): ByteString | undefined {
  const start = startOf(file);
  return start === undefined ? undefined : (encodingOf(start) as ByteString);
}

/** The type as `file --mime-type` tells it; undefined where there is no such program, or the file can't be read. */
export function mimeType(file: ByteString): ByteString | undefined {
  const options = {
    encoding: 'latin1' as const,
    stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'],
  };
  const { status, stdout } = spawnSync('file', ['--brief', '--mime-type', '--', file], options);
  return status === 0 && /^[\w.+-]+\/[\w.+-]+\s*$/.test(stdout) ? (stdout.trim() as ByteString) : undefined;
}

function startOf(file: ByteString): Buffer | undefined {
  let open: number;
  try {
    open = openSync(toPath(file), 'r');
  } catch {
    return undefined;
  }
  try {
    const buffer = Buffer.allocUnsafe(LOOKED_AT);
    return buffer.subarray(0, readSync(open, buffer, 0, LOOKED_AT, 0));
  } catch {
    return undefined;
  } finally {
    closeSync(open);
  }
}

function encodingOf(start: Buffer): string {
  if (start.length === 0) return 'binary';
  if (start.length >= 2 && start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start.length >= 2 && start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  let high = false;
  let control = false;
  for (const byte of start) {
    if (!isText(byte)) return 'binary';
    if (byte >= 0x80) high = true;
    if (byte >= 0x80 && byte < 0xa0) control = true;
  }
  if (!high) return 'us-ascii';
  if (isUtf8(start)) return 'utf-8';
  return control ? 'unknown-8bit' : 'iso-8859-1';
}

/** Bytes that occur in text: printable ones, white space, bell, backspace and escape. */
function isText(byte: number): boolean {
  return byte >= 0x80 || (byte >= 0x20 && byte !== 0x7f) || (byte >= 0x07 && byte <= 0x0d) || byte === 0x1b;
}

/** A character that is cut off at the end does not count against it. */
function isUtf8(bytes: Buffer): boolean {
  for (let cut = 0; cut < (bytes.length === LOOKED_AT ? 4 : 1); cut++) {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytes.length - cut));
      return true;
    } catch {
      // Perhaps with less of it.
    }
  }
  return false;
}
