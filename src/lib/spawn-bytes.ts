import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { type ByteString, isAscii } from './bytes.js';

export interface SpawnOptions {
  readonly cwd?: ByteString | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a program. Arguments are byte strings (a plain string must be ASCII). Node can only pass UTF-8 to a program; other
 * bytes go by way of a shell script that spells them out.
 */
export function spawnBytes(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const texts = args.map(utf8Text);
  const folder = options.cwd === undefined ? undefined : utf8Text(options.cwd);
  const exact =
    texts.every((text) => text !== undefined) && (options.cwd === undefined || folder !== undefined);
  const settings = {
    env: options.env,
    stdio: options.stdio,
    ...(folder === undefined ? {} : { cwd: folder }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  if (exact) return spawn(program, texts, settings);
  const script = shellScript(args, folder === undefined ? options.cwd : undefined);
  return spawn('/bin/sh', ['-c', script, program], settings);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text that Node turns back into exactly these bytes; undefined when there is none. */
function utf8Text(bytes: string): string | undefined {
  if (isAscii(bytes)) return bytes;
  try {
    return strictUtf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}

/** A script in pure ASCII that executes `$0` in a folder with arguments of any bytes. */
function shellScript(args: readonly string[], folder: string | undefined): string {
  const move = folder === undefined ? '' : `a=$(printf '${octal(folder)}x'); cd -- "\${a%x}" || exit 127; `;
  // The x keeps the substitution from eating trailing newlines.
  const words = args.map((arg) => `a=$(printf '${octal(arg)}x'); set -- "$@" "\${a%x}"; `);
  return `LC_ALL=C; ${move}set --; ${words.join('')}exec "$0" "$@"`;
}

function octal(bytes: string): string {
  return Array.from(Buffer.from(bytes, 'latin1'), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(
    '',
  );
}
