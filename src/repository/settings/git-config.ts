import type { ByteString } from '../../lib/bytes.js';
import { ascii } from '../../lib/bytes.js';
import { fromBuffer } from '../../lib/buffers.js';
import { AnnexError } from '../../domain/errors.js';
import { spawnGit } from '../git/spawn-git.js';

/** Values by name in the order git gives them, so that the last one wins. */
export type ConfigValues = Map<string, ByteString[]>;

/**
 * Parses the output of `git config --list -z`: `NAME\nVALUE\0`, without `\nVALUE` for a valueless variable, which is
 * `true`. Section and variable come in lower case, the subsection as written.
 */
export function parseConfigList(output: ByteString): ConfigValues {
  const values: ConfigValues = new Map();
  for (const record of output.split('\0')) {
    if (record === '') continue;
    const newline = record.indexOf('\n');
    const name = newline === -1 ? record : record.slice(0, newline);
    const value = newline === -1 ? ascii('true') : (record.slice(newline + 1) as ByteString);
    const all = values.get(name);
    if (all === undefined) values.set(name, [value]);
    else all.push(value);
  }
  return values;
}

/** Runs `git config` with the caller's environment; for the moment before the repository is open. */
export function runGitConfig(
  directory: ByteString,
  args: readonly string[],
  accept: readonly number[] = [],
): Promise<ByteString> {
  return new Promise((resolve, reject) => {
    const child = spawnGit(['config', ...args], {
      cwd: directory,
      env: process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => reject(configError('', error)));
    child.on('close', (code) => {
      if (code === 0 || (code !== null && accept.includes(code))) resolve(fromBuffer(Buffer.concat(out)));
      else {
        const exit = Object.assign(new Error(`exit code ${code}`), { exitCode: code });
        reject(configError(Buffer.concat(err).toString('utf8'), exit));
      }
    });
  });
}

function configError(stderr: string, cause: Error): AnnexError {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return new AnnexError('git-failed', line === '' ? `git config failed: ${cause.message}` : line, { cause });
}
