import { fromBuffer } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { gitEnvironment, maskCredentials } from '../../repository/git/environment.js';
import type { GitResult, GitRunOptions } from '../../repository/git/git.js';
import { locationArguments } from '../../repository/git/git-paths.js';
import { startFailure } from '../../repository/git/run-git.js';
import { spawnGit } from '../../repository/git/spawn-git.js';
import type { RepositoryLocation } from '../../repository/repository.js';

/**
 * Runs a git command that talks to another machine, for a limited time. When the time is over nothing of it is waited for
 * any more, not even a child that git leaves behind and that keeps our pipes open, as an ssh without an answer does.
 * @returns undefined when it took too long
 * @throws `interrupted`, `git-failed` when git can't be started
 */
export function runInTime(
  location: RepositoryLocation,
  args: readonly (string | ByteString)[],
  milliseconds: number,
  { signal, env = {} }: Pick<GitRunOptions, 'env'> & { readonly signal: AbortSignal },
): Promise<GitResult | undefined> {
  const child = spawnGit([...locationArguments(location), ...args], {
    cwd: location.workTree ?? location.gitDir,
    env: gitEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    const abandon = (): void => {
      leave();
      child.kill();
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
    };
    const abort = (): void => {
      abandon();
      reject(startFailure(Object.assign(new Error('aborted'), { name: 'AbortError' }), args));
    };
    const timer = setTimeout(() => {
      abandon();
      resolve(undefined);
    }, milliseconds);
    signal.addEventListener('abort', abort);
    child.on('error', (error) => {
      leave();
      reject(startFailure(error, args));
    });
    child.on('close', (code) => {
      leave();
      const stderr = maskCredentials(Buffer.concat(err).toString('utf8'));
      resolve({ exitCode: code ?? 128, stdout: fromBuffer(Buffer.concat(out)), stderr });
    });
    if (signal.aborted) abort();
  });
}
