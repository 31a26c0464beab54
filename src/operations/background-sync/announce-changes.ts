import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { startDetached } from '../start-detached.js';
import { knownRefs } from '../sync/known-refs.js';
import { makeOwnFolder } from './own-folder.js';
import { changedPrograms } from './changed-programs.js';
import { type ChangedReport, collectChanges } from './changed-report.js';

/** Reports that wait for their programs; older ones are given up. */
const mostWaiting = 100;

/**
 * Does a sync, and hands what it changed to the user's programs: to a process of its own, which runs them one report after
 * the other, so that the sync does not wait for them. Where there are no such programs this costs nothing.
 */
export async function announcingChanges(
  repository: Repository,
  context: OperationContext,
  action: (context: OperationContext) => Promise<Outcome>,
): Promise<Outcome> {
  const { git, settings, location, uuid, annexDir } = repository;
  if (changedPrograms(settings, location.commonDir).length === 0) return action(context);
  const top = location.workTree ?? location.gitDir;
  const changes = collectChanges();
  const before = await knownRefs(git);
  const emit: OperationContext['emit'] = (event) => {
    changes.take(event);
    context.emit(event);
  };
  try {
    return await action({ ...context, emit });
  } finally {
    const report = changes.report({ path: top, uuid }, before, await knownRefs(git));
    if (report !== undefined && enqueue(queueFolder(annexDir), report)) startRunner(top);
  }
}

/** Where reports wait, one file each; the name tells their order. */
export function queueFolder(annexDir: ByteString): ByteString {
  return `${annexDir}/annex-ts/changed` as ByteString;
}

/** The files that wait, oldest first. */
export function waitingReports(folder: ByteString): string[] {
  try {
    return readdirSync(toPath(folder))
      .filter((name) => /^\d{9}\.json$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** Whether it could be written. Only one sync at a time does this. */
function enqueue(folder: ByteString, report: ChangedReport): boolean {
  const waiting = waitingReports(folder);
  const last = Number(waiting.at(-1)?.slice(0, 9) ?? 0);
  const path = `${folder}/${String(last + 1).padStart(9, '0')}.json` as ByteString;
  try {
    makeOwnFolder(folder);
    for (const name of waiting.slice(0, -mostWaiting))
      rmSync(toPath(`${folder}/${name}` as ByteString), { force: true });
    writeFileSync(toPath(`${path}.new` as ByteString), `${JSON.stringify(report)}\n`);
    renameSync(toPath(`${path}.new` as ByteString), toPath(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}

function startRunner(top: ByteString): void {
  const program = process.argv[1];
  if (program === undefined) return;
  startDetached(program, ['announce-changes'], top);
}
