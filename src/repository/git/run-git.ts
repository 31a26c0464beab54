import { AnnexError } from '../../domain/errors.js';
import { fromBuffer, toBuffer } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { gitEnvironment, maskCredentials } from './environment.js';
import type { GitResult, GitRunOptions } from './git.js';
import { spawnGit } from './spawn-git.js';

/** Runs a git command to its end; `args` are complete. See `Git.run`. */
export async function runGit(args: readonly string[], options: GitRunOptions = {}): Promise<GitResult> {
  const inherit = options.inherit === true;
  const child = spawnGit(args, {
    cwd: options.cwd,
    env: gitEnvironment(options.env),
    stdio: [
      options.input === undefined ? 'ignore' : 'pipe',
      inherit ? 'inherit' : 'pipe',
      inherit ? 'inherit' : 'pipe',
    ],
    signal: options.signal,
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  // A child that ends before it read all its input: its exit code tells.
  child.stdin?.on('error', () => undefined);
  if (options.input !== undefined) child.stdin?.end(toBuffer(options.input));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', (error) => reject(startFailure(error, args)));
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
  const stderr = maskCredentials(Buffer.concat(err).toString('utf8'));
  checkExit(args, exitCode, stderr, options.accept ?? [0]);
  return { exitCode, stdout: fromBuffer(Buffer.concat(out)), stderr };
}

/** Throws `git-failed` unless the exit code is accepted. */
export function checkExit(
  args: readonly string[],
  exitCode: number,
  stderr: string,
  accept: readonly number[] | 'any',
): void {
  if (accept === 'any' || accept.includes(exitCode)) return;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('hint:'));
  const reason =
    lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? `exit code ${exitCode}`;
  throw new AnnexError('git-failed', `git ${subcommand(args)} failed: ${reason.trim()}`);
}

/** What a child that could not be started, or was aborted, means. */
export function startFailure(
  error: Error & { code?: string | undefined },
  args: readonly string[],
): AnnexError {
  if (error.name === 'AbortError')
    return new AnnexError('interrupted', `git ${subcommand(args)} was interrupted`, { cause: error });
  if (error.code === 'ENOENT') {
    return new AnnexError('git-failed', 'git could not be started', {
      hint: 'Is git installed, and does the folder exist?',
      cause: error,
    });
  }
  return new AnnexError('git-failed', `git ${subcommand(args)} could not be started: ${error.message}`, {
    cause: error,
  });
}

/** The first word that is neither an option of git itself nor such an option's value. */
function subcommand(args: readonly ByteString[] | readonly string[]): string {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '-c' || arg === '-C') i++;
    else if (!arg.startsWith('-')) return arg;
  }
  return '';
}
