import { spawnSync } from 'node:child_process';
import { toText } from '../../lib/bytes.js';
import { isExecutable } from '../../repository/objects/lockdown.js';
import type { RepositoryLocation } from '../../repository/repository.js';

/** The hook `annex-content`: run once, at the end, when content came or went for a client. */
export interface ContentHook {
  changed(): void;
  run(): void;
}

export function createContentHook(location: RepositoryLocation): ContentHook {
  let pending = false;
  return {
    changed() {
      pending = true;
    },
    run() {
      const hook = `${toText(location.commonDir)}/hooks/annex-content`;
      if (!pending || !isExecutable(hook)) return;
      pending = false;
      const cwd = toText(location.workTree ?? location.gitDir);
      spawnSync(hook, [], { cwd, stdio: ['ignore', 2, 2] });
    },
  };
}
