import { type ByteString, fromText } from '../../lib/bytes.js';
import { parseFormat } from '../../lib/format-string.js';
import type { FindOutput } from '../../operations/find/find.js';
import { escapeControls } from '../../operations/repositories/escape-controls.js';

export interface FindOutputFlags {
  readonly json?: boolean;
  readonly 'json-error-messages'?: boolean;
  readonly format?: string | undefined;
  readonly print0?: boolean;
}

/** How find and its relatives show names: control characters are escaped on a terminal only. */
export function findOutput(flags: FindOutputFlags): FindOutput {
  if (flags.json || flags['json-error-messages']) return { as: 'json' };
  if (flags.format !== undefined) return { as: 'format', format: parseFormat(fromText(flags.format)) };
  if (flags.print0) return { as: 'names', print: (name) => `${name}\0` as ByteString };
  const shown = process.stdout.isTTY ? escapeControls : (name: ByteString) => name;
  return { as: 'names', print: (name) => `${shown(name)}\n` as ByteString };
}
