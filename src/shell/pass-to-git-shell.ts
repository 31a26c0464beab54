import { spawn } from 'node:child_process';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { directoryOf, type Limits } from './limits.js';
import type { ShellRequest } from './request.js';

/** Lets git-shell do what is not git-annex's: `git-upload-pack`, `git-receive-pack`, `git-upload-archive`. */
export async function passToGitShell(request: ShellRequest, limits: Limits): Promise<number> {
  if (limits.limited) throw new AnnexError('usage', 'Action blocked by GIT_ANNEX_SHELL_LIMITED');
  const directory = request.operands.at(-1);
  if (directory !== undefined) limits.checkDirectory(directoryOf(directory));
  else limits.checkDirectory(directoryOf('.'));
  if (request.command === 'git-receive-pack' && directory !== undefined) {
    const { keepLock } = await import('../operations/lock-cluster/keep-lock.js');
    await keepLock(fromText(directoryOf(directory)));
  }
  const child = spawn('git-shell', ['-c', request.line], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      reject(new AnnexError('git-failed', `git-shell could not be started: ${error.message}`));
    });
    child.on('close', (code) => resolve(code ?? 128));
  });
}
