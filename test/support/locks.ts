import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../repository/locks/posix-lock.pl', import.meta.url));

/** Another program that holds a classic fcntl lock over a whole file, as git-annex does. */
export interface Holder {
  release(): Promise<void>;
}

export async function holdLock(path: string, kind: 'shared' | 'exclusive' = 'exclusive'): Promise<Holder> {
  const child: ChildProcess = spawn('perl', [SCRIPT, 'hold', kind, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (child.stdout !== null) await once(child.stdout, 'data');
  return {
    async release() {
      if (child.exitCode !== null) return;
      child.stdin?.end();
      await once(child, 'close');
    },
  };
}

/** Whether another program could take the lock now. */
export function isLockFree(path: string, kind: 'shared' | 'exclusive' = 'exclusive'): boolean {
  return spawnSync('perl', [SCRIPT, 'try', kind, path], { encoding: 'utf8' }).stdout.trim() === 'got';
}
