import { closeSync, openSync, writeSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';

export interface Log {
  write(line: string): void;
  close(): void;
}

/** A file that lines are added to, or standard error. Throws `usage` for a file that cannot be written. */
export function openLog(file: string | undefined, quiet: boolean): Log {
  if (file === undefined) {
    const write = (line: string) => void process.stderr.write(`${line}\n`);
    return { write: quiet ? () => undefined : write, close: () => undefined };
  }
  const descriptor = open(file);
  return {
    write(line) {
      try {
        writeSync(descriptor, `${line}\n`);
      } catch {
        // A full disk is no reason to serve nobody.
      }
    },
    close: () => closeSync(descriptor),
  };
}

function open(file: string): number {
  try {
    return openSync(file, 'a', 0o640);
  } catch (error) {
    throw new AnnexError('usage', `cannot write the access log: ${(error as Error).message}`);
  }
}
