import { configLogPath, parseConfigLog } from '../../domain/logs/config-log.js';
import { listSettings } from '../../remotes/list/list-settings.js';
import type { Repository } from '../../repository/repository.js';
import { noteFailures } from '../background-sync/note-failures.js';
import type { OperationContext, Outcome } from '../context.js';
import { recordState } from '../settings-log/record-state.js';
import type { SessionOptions } from '../transfer/session.js';
import { chooseRemotes } from './choose-remotes.js';
import { createContentSync } from './sync-content.js';
import { planSync, type SyncRequest } from './sync-request.js';

/**
 * Gets, sends and drops content as it is wanted, and leaves git branches alone.
 * @throws `unknown-remote`, `too-many-deletions`
 */
export async function satisfy(
  repository: Repository,
  request: SyncRequest,
  context: OperationContext,
  options: SessionOptions,
): Promise<Outcome> {
  const { settings } = repository;
  const all = await listSettings(repository);
  const remotes = chooseRemotes(all, request.remotes, settings, request.fast);
  settings.useBranchDefaults(parseConfigLog(await repository.branch.read(configLogPath)));
  const plan = planSync(request, settings, true);
  const failures = noteFailures(repository, plan, remotes, { clear: false, partial: true });
  const content = createContentSync({ repository, context, request, plan, failures }, options);
  const { failed } = await content.pass(remotes, true);
  await recordState(repository, context.emit);
  await content.finish();
  const summary = { failed, remotes: remotes.map(({ name }) => name), ...content.totals };
  context.emit({ type: 'record', fields: { command: 'satisfy', summary } });
  return { failed, stoppedByLimit: content.limited };
}
