import { recordLocations } from '../../remotes/record-locations.js';
import type { Repository } from '../../repository/repository.js';
import { openScratch } from '../add/scratch.js';
import { attempt } from '../attempt.js';
import type { OperationContext, Outcome } from '../context.js';
import { duplicateObject, verifiedObject } from '../rekey/relink.js';
import { recordState } from '../settings-log/record-state.js';
import { createRunningAction } from '../transfer/running-action.js';
import { forgetRecorded, mayHaveMigrations, recordedMigrations } from './migrations.js';

/**
 * Gives contents that are here the keys that other clones migrated them to: `migrate --update`, and with `all` also what was
 * done before: `migrate --apply`. Files are not changed.
 */
export async function applyMigrations(
  here: Repository,
  all: boolean,
  context: OperationContext,
): Promise<Outcome> {
  await here.branch.update();
  await recordState(here, context.emit);
  try {
    return { failed: await applyRecorded(here, all, context), stoppedByLimit: false };
  } finally {
    await recordState(here, context.emit);
  }
}

/**
 * The same as a part of a sync, unless `annex.syncmigrations` says no: costs nothing where the git-annex branch has not
 * changed. Gives how many failed.
 */
export async function followMigrations(here: Repository, context: OperationContext): Promise<number> {
  if (!here.settings.bool('annex.syncmigrations', true) || !(await mayHaveMigrations(here))) return 0;
  return applyRecorded(here, false, context);
}

async function applyRecorded(here: Repository, all: boolean, context: OperationContext): Promise<number> {
  const scratch = await openScratch(here.annexDir, context.signal);
  let failed = 0;
  try {
    for await (const migration of recordedMigrations(here, all)) {
      context.signal.throwIfAborted();
      const object = here.objects.locate(migration.from);
      if (object === undefined || here.objects.locate(migration.to) !== undefined) continue;
      const { to } = migration;
      const running = createRunningAction(
        { command: 'migrate', key: to, subject: to, input: [] },
        context.emit,
      );
      const ok = await attempt(running, async () => {
        await verifiedObject(here, object, to, running.note);
        await duplicateObject(here, object, to, scratch.name);
        await recordLocations(here, [to], here.uuid, 'present');
        return undefined;
      });
      if (!ok) failed++;
    }
    if (failed === 0) await forgetRecorded(here);
    return failed;
  } finally {
    scratch.release();
  }
}
