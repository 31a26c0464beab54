import { readFileSync } from 'node:fs';
import { fromBuffer } from '../../lib/buffers.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';

/**
 * The bytes of the arguments in `argv`. Node decodes arguments as UTF-8 and loses the bytes that are not; where that
 * happened, they are read again from the process's own command line (Linux).
 */
export function rawArguments(argv: readonly string[]): ByteString[] {
  if (!argv.some((argument) => argument.includes('\uFFFD'))) return argv.map(fromText);
  const recovered = commandLine().slice(-argv.length);
  const same = recovered.length === argv.length && recovered.every((bytes, i) => toText(bytes) === argv[i]);
  return same ? recovered : argv.map(fromText);
}

function commandLine(): ByteString[] {
  try {
    return fromBuffer(readFileSync('/proc/self/cmdline')).split('\0').slice(0, -1) as ByteString[];
  } catch {
    return [];
  }
}
