import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { ByteString } from '../../lib/bytes.js';
import { isAscii } from '../../lib/bytes.js';

export interface SpawnGitOptions {
  readonly cwd?: ByteString | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts `git`. Arguments are byte strings (a plain string must be ASCII). Node can only pass UTF-8 to a program; other
 * bytes go by way of a shell script that spells them out.
 */
export function spawnGit(args: readonly string[], options: SpawnGitOptions): ChildProcess {
  const folder = options.cwd === undefined ? undefined : utf8Text(options.cwd);
  const all = options.cwd !== undefined && folder === undefined ? ['-C', options.cwd, ...args] : args;
  const texts = all.map(utf8Text);
  const settings = {
    env: options.env,
    stdio: options.stdio,
    ...(folder === undefined ? {} : { cwd: folder }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  if (texts.every((text) => text !== undefined)) return spawn('git', texts, settings);
  return spawn('/bin/sh', ['-c', shellScript(all)], settings);
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

/** A script in pure ASCII that executes git with arguments of any bytes. */
function shellScript(args: readonly string[]): string {
  const words = args.map((arg) => {
    const octal = Array.from(
      Buffer.from(arg, 'latin1'),
      (byte) => `\\${byte.toString(8).padStart(3, '0')}`,
    ).join('');
    // The x keeps the substitution from eating trailing newlines.
    return `a=$(printf '${octal}x'); set -- "$@" "\${a%x}"`;
  });
  return `LC_ALL=C; set --; ${words.join('; ')}; exec git "$@"`;
}
