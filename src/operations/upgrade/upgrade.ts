import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { ascii, type ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { FileLock } from '../../repository/locks/file-lock.js';
import { tryFileLock } from '../../repository/locks/file-lock.js';
import { discoverRepository } from '../../repository/git/discover.js';
import { openSettings } from '../../repository/settings/open-settings.js';
import type { OperationContext, Outcome } from '../context.js';
import { NEWEST_VERSION, supportedVersion } from '../init/check-supported.js';
import { createRunningAction } from '../transfer/running-action.js';

export interface UpgradeRequest {
  /** Absolute. */
  readonly cwd: ByteString;
  /** Version 9 becomes 10 at once, though a git-annex that was started under version 8 may still run. */
  readonly force: boolean;
}

/** Seconds for which version 9 is kept: nothing that knows only version 8's locks runs that long. */
const YEAR = 365 * 24 * 3600;

/**
 * Brings a repository to the newest version: 8 becomes 9, which only notes when that was, and 9 becomes 10, in which
 * contents are locked by files of their own (git-annex: upgrades). `upgrade`.
 */
export async function upgrade(request: UpgradeRequest, context: OperationContext): Promise<Outcome> {
  const location = await discoverRepository(request.cwd);
  const settings = await openSettings({ directory: request.cwd, workTree: location.workTree });
  if (settings.get('annex.uuid') === undefined) {
    throw new AnnexError('not-initialized', 'First run: git-annex init', { hint: 'Or: git annex-ts init' });
  }
  const version = supportedVersion(settings, location);
  const annexDir = `${location.commonDir}/annex` as ByteString;
  mkdirSync(toPath(annexDir), { recursive: true });
  const running = createRunningAction({ command: 'upgrade' }, context.emit);
  running.start();
  const lock: FileLock | undefined = tryFileLock(`${annexDir}/upgrade.lck` as ByteString, 'exclusive');
  if (lock === undefined) throw new AnnexError('locked', 'Another process is using this repository.');
  try {
    const now = Date.now() / 1000;
    const done = readLog(annexDir);
    const step = async (to: number): Promise<void> => {
      done.set(to, now);
      writeLog(annexDir, done);
      await settings.set('annex.version', ascii(String(to)));
    };
    if (version === 8) {
      running.note('v8 to v9...');
      await step(9);
    }
    if (version < NEWEST_VERSION) {
      if (request.force || now - (done.get(9) ?? now) > YEAR) {
        running.note('v9 to v10...');
        await step(10);
      } else context.emit({ type: 'problem', action: running.action, message: [NOT_YET] });
    }
  } finally {
    lock.release();
  }
  running.end(true);
  return { failed: 0, stoppedByLimit: false };
}

const NOT_YET = `Not upgrading from v9 to v10, because there may be git-annex
processes running that predate the v9 upgrade. Upgrading with
such processes running could lead to data loss. This upgrade
will be deferred until one year after the v9 upgrade to make
sure there are no such old processes running.
(Use --force to upgrade immediately.)`;

/** git-annex's `upgrade.log`: `VERSION TIMEs` lines. */
function readLog(annexDir: ByteString): Map<number, number> {
  const log = new Map<number, number>();
  try {
    for (const line of readFileSync(toPath(logPath(annexDir)), 'latin1').split('\n')) {
      const fields = /^(\d+) ([\d.]+)s$/.exec(line);
      if (fields !== null) log.set(Number(fields[1]), Number(fields[2]));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return log;
}

function writeLog(annexDir: ByteString, log: ReadonlyMap<number, number>): void {
  const lines = [...log].map(([version, seconds]) => `${version} ${seconds}s\n`);
  writeFileSync(toPath(logPath(annexDir)), lines.join(''));
}

function logPath(annexDir: ByteString): ByteString {
  return `${annexDir}/upgrade.log` as ByteString;
}
