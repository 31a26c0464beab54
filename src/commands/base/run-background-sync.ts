import { existsSync } from 'node:fs';
import { Writable } from 'node:stream';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import { awaitTurn, turnFiles } from '../../operations/background-sync/await-turn.js';
import { leaveCommit } from '../../operations/background-sync/hook-environment.js';
import { openRunLog, type RunLog } from '../../operations/background-sync/run-log.js';
import { SYNCING_VARIABLE } from '../../operations/sync/run-alone.js';
import { fatalReport } from '../../report/fatal.js';
import { plainReporter } from '../../report/plain.js';
import { streamSinks } from '../../report/sink.js';
import { discoverRepository } from '../../repository/git/discover.js';
import { openSettings } from '../../repository/settings/open-settings.js';
import { syncRequest } from '../options/sync-request.js';
import { watchSignals } from './signals.js';
import { runSync } from './sync-command.js';

/** Seconds without a further commit before a sync (`annex-ts.hook-delay`), besides the one of the hook itself. */
const patience = 1;

/**
 * `git annex-ts background-sync`: what the post-commit hook starts. Waits until no commit comes any more and until no other sync
 * runs, then syncs without committing, and writes what happens to `.git/annex/annex-ts/sync.log`. Ends at once when another
 * process waits already. Gives the exit code.
 */
export async function run(_argv: readonly string[]): Promise<number> {
  if ((process.env[SYNCING_VARIABLE] ?? '') !== '') return 0;
  leaveCommit(process.env);
  const cwd = fromText(process.cwd());
  const { commonDir, workTree } = await discoverRepository(cwd);
  if (!existsSync(toPath(`${commonDir}/annex` as ByteString))) return 0;
  const folder = `${commonDir}/annex/annex-ts` as ByteString;
  const log = openRunLog(`${folder}/${turnFiles.log}` as ByteString);
  try {
    const settings = await openSettings({ directory: cwd, workTree });
    const turn = await awaitTurn(folder, settings.int('annex-ts.hook-delay', patience) * 1000);
    return turn === undefined ? 0 : await syncInto(log, turn.begin);
  } catch (error) {
    const { text, exitCode } = fatalReport(error, false);
    log.write(Buffer.from(text));
    return exitCode;
  } finally {
    log.close();
  }
}

async function syncInto(log: RunLog, onTurn: () => void): Promise<number> {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.write(chunk);
      done();
    },
  });
  const say = (text: string) => log.write(Buffer.from(`== ${new Date().toISOString()} ${text}\n`));
  const { out, err } = streamSinks(stream, stream);
  const reporter = plainReporter(out, err, { concurrent: false, quiet: false, quotePath: () => true });
  const { signal, stop } = watchSignals();
  const request = { ...syncRequest({ commit: false }, [], {}), manner: 'unattended' as const };
  const begin = () => {
    onTurn();
    say(`sync of ${toText(request.cwd)}`);
  };
  const context = { emit: reporter.emit, signal, jobs: 1 };
  try {
    const kind = { command: 'sync', contentByDefault: false } as const;
    const { failed } = await runSync(kind, request, {}, context, begin);
    await reporter.close();
    say(failed === 0 ? 'done' : `${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    stop();
    await reporter.close();
  }
}
