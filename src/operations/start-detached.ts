import { spawn } from 'node:child_process';
import { type ByteString, toText } from '../lib/bytes.js';
import { gitEnvironment } from '../repository/git/environment.js';

/** Starts a command of this program in a process of its own, which nobody waits for or hears of. */
export function startDetached(program: string, args: readonly string[], folder: ByteString): void {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: toText(folder),
    env: gitEnvironment(),
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', () => undefined);
  child.unref();
}
