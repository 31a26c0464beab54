import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Repository } from '../../repository/repository.js';
import { startDetached } from '../start-detached.js';
import { otherGateways } from './other-gateways.js';

/**
 * Has a process of its own tell the other gateways of this one's clusters what is recorded here about contents. Nobody waits
 * for it and nobody fails because of it; when one is at work already, that one sees to it. Costs nothing where this is the only
 * gateway, or where `annex-ts.tellgateways` is false.
 */
export function startTelling(gateway: Pick<Repository, 'settings' | 'location'>): void {
  const { settings, location } = gateway;
  if (!settings.bool('annex-ts.tellgateways', true) || otherGateways(gateway).length === 0) return;
  const program = ourProgram();
  if (program === undefined) return;
  startDetached(program, ['tell-gateways', '--background'], location.workTree ?? location.gitDir);
}

/** `git-annex-ts` beside the program that runs, by whatever name that was started; undefined where it is none of ours. */
function ourProgram(): string | undefined {
  const running = process.argv[1];
  if (running === undefined || !existsSync(running)) return undefined;
  const program = join(dirname(realpathSync(running)), 'git-annex-ts');
  return existsSync(program) ? program : undefined;
}
