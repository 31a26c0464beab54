import { realpathSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import type { GitOverSsh } from '../ssh/git-over-ssh.js';

/**
 * Lets git find the helper `git-remote-p2p-annex` that comes with this program, also where only the program itself is in the
 * PATH. One that is found before, git-annex's, is as good.
 */
export function gitOverPeer(): GitOverSsh {
  return {
    env: { PATH: [process.env['PATH'], ownFolder()].filter(Boolean).join(delimiter) },
    release: async () => undefined,
  };
}

function ownFolder(): string | undefined {
  try {
    return dirname(realpathSync(process.argv[1] ?? ''));
  } catch {
    return undefined;
  }
}
