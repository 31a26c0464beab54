import { randomBytes } from 'node:crypto';
import { AnnexError } from '../../domain/errors.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import { clusterUuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { logClock } from '../settings-log/log-clock.js';
import { recordState } from '../settings-log/record-state.js';
import { createRunningAction } from '../transfer/running-action.js';
import { clusterFacts, lowerCase } from './cluster-facts.js';

export interface InitClusterOptions {
  readonly dryRun: boolean;
}

/** Makes a cluster of that name, with this repository as its gateway. One that is there already stays as it is. */
export async function initCluster(
  here: Repository,
  [name, description, ...more]: readonly ByteString[],
  { dryRun }: InitClusterOptions,
  { emit }: OperationContext,
): Promise<Outcome> {
  if (name === undefined || more.length > 0) {
    throw new AnnexError('usage', 'Expected two parameters, name and description.');
  }
  const action = {
    command: 'initcluster',
    subject: name,
    input: [name, ...(description ? [description] : [])],
  };
  const running = createRunningAction(action, emit);
  running.start();
  if (!isClusterName(name)) {
    running.failure('git-annex: That cluster name is not a valid git remote name.');
    running.end(false);
    return { failed: 1, stoppedByLimit: false };
  }
  const known = (await clusterFacts(here, [])).clusters.get(lowerCase(name));
  const uuid = known ?? clusterUuid(randomBytes(16));
  if (known === undefined && !dryRun) {
    await here.settings.set(`annex.cluster.${lowerCase(name)}`, uuid);
    const text = (description ?? `cluster ${name}`).replace(/[\r\n]+/g, ' ') as ByteString;
    const change = (content: ByteString) => descriptionLog.set(content, uuid, text, logClock());
    await here.branch.change([{ path: descriptionLog.path, change }]);
  }
  running.end(true, { fields: { uuid } });
  await recordState(here, emit);
  return { failed: 0, stoppedByLimit: false };
}

/** What git takes as the name of a remote, and of a variable in its config. */
export function isClusterName(name: ByteString): boolean {
  return /^(?:[a-z0-9_-]+\.)*[a-z][a-z0-9-]*$/i.test(name) && !/^-|\.lock$|\.lock\./i.test(name);
}
