import { spawn } from 'node:child_process';
import { AnnexError } from '../domain/errors.js';
import { toText, type ByteString } from '../lib/bytes.js';

/**
 * Runs rsync as the server's side of a transfer of one file, on the standard streams. True when all went well. The options
 * are the ones that git-annex-shell gives it; what the client's rsync asked for is not looked at.
 */
export async function runRsync(direction: 'send' | 'receive', file: ByteString): Promise<boolean> {
  const sender = direction === 'send' ? ['--sender'] : [];
  const args = ['--server', '-t', '--inplace', '-e.Lsf', '.', ...sender, toText(file)];
  const child = spawn('rsync', args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', () => {
      reject(new AnnexError('usage', 'rsync, which clients of this age need, is not installed here'));
    });
    child.on('close', (code) => resolve(code === 0));
  });
}
