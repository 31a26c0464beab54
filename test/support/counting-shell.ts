import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** A program in front of a `git-annex-shell` that keeps what clients say to it. */
export interface CountingShell {
  readonly path: string;
  /** Bytes of contents that clients have sent since the last call. */
  sent(): number;
}

export function createCountingShell(path: string, shell: string): CountingShell {
  const heard = `${path}.heard`;
  writeFileSync(
    path,
    `#!/bin/sh\ncase $1 in p2pstdio) tee -a '${heard}' | '${shell}' "$@" ;; *) exec '${shell}' "$@" ;; esac\n`,
  );
  chmodSync(path, 0o755);
  return {
    path,
    sent() {
      const text = existsSync(heard) ? readFileSync(heard, 'latin1') : '';
      rmSync(heard, { force: true });
      return [...text.matchAll(/(?:^|\n)DATA (\d+)\n/g)].reduce((sum, [, length]) => sum + Number(length), 0);
    },
  };
}
