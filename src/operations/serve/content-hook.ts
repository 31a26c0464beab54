import { toText } from '../../lib/bytes.js';
import { runProgram } from '../../repository/run-program.js';
import { isExecutable } from '../../repository/objects/lockdown.js';
import type { RepositoryLocation } from '../../repository/repository.js';

/** The hook `annex-content`: run when content came or went for a client. */
export interface ContentHook {
  changed(): void;
  /** Runs it, if something changed since it ran last; resolves when it has ended. */
  run(): Promise<void>;
}

export function createContentHook(location: RepositoryLocation): ContentHook {
  let pending = false;
  return {
    changed() {
      pending = true;
    },
    async run() {
      const hook = `${toText(location.commonDir)}/hooks/annex-content`;
      if (!pending || !isExecutable(hook)) return;
      pending = false;
      const cwd = toText(location.workTree ?? location.gitDir);
      // A server's stdout belongs to its client.
      await runProgram(hook, [], { cwd, stdout: 2, stderr: 2 });
    },
  };
}
