import { rmSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import { discoverRepository } from '../../repository/git/discover.js';
import { tryFileLock } from '../../repository/locks/file-lock.js';
import { openSettings } from '../../repository/settings/open-settings.js';
import { queueFolder, waitingReports } from './announce-changes.js';
import { changedPrograms } from './changed-programs.js';
import { ownLockMode } from './own-folder.js';
import { runBounded } from './run-bounded.js';
import { openRunLog } from './run-log.js';

/** Seconds each program may take (`annex-ts.changed-timeout`). */
const longest = 60;

/**
 * `git-annex-ts announce-changes`: started by a sync. Hands the reports that wait to the user's programs, oldest first and one
 * at a time; what they print goes to `.git/annex/annex-ts/changed.log`. Gives the exit code.
 */
export async function run(_argv: readonly string[]): Promise<number> {
  const cwd = fromText(process.cwd());
  const { commonDir, workTree, gitDir } = await discoverRepository(cwd);
  const annexDir = `${commonDir}/annex` as ByteString;
  const folder = queueFolder(annexDir);
  const settings = await openSettings({ directory: cwd, workTree });
  const limit = Math.max(1, settings.int('annex-ts.changed-timeout', longest)) * 1000;
  const log = openRunLog(`${annexDir}/annex-ts/changed.log` as ByteString);
  const say = (text: string) => log.write(Buffer.from(`== ${new Date().toISOString()} ${text}\n`));
  const mode = ownLockMode(`${annexDir}/annex-ts` as ByteString);
  // A report that comes while the lock is given back starts another process; one that came just before is seen here.
  while (waitingReports(folder).length > 0) {
    const lock = tryFileLock(`${annexDir}/annex-ts/changed.lck` as ByteString, 'exclusive', { mode });
    if (lock === undefined) break;
    try {
      for (let name = waitingReports(folder)[0]; name !== undefined; name = waitingReports(folder)[0]) {
        const input = `${folder}/${name}` as ByteString;
        for (const words of changedPrograms(settings, commonDir)) {
          const program = words.at(-1) ?? '';
          say(program);
          const how = await runBounded({ words, cwd: workTree ?? gitDir, input, limit, onOutput: log.write });
          if (how !== undefined) say(`${program}: ${how}`);
        }
        rmSync(toPath(input), { force: true });
      }
    } finally {
      lock.release();
    }
  }
  log.close();
  return 0;
}
