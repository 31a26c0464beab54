import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import { type FileLock, tryFileLock } from '../../repository/locks/file-lock.js';
import type { Repository } from '../../repository/repository.js';
import { makeOwnFolder, ownLockMode } from '../background-sync/own-folder.js';
import { openRunLog } from '../background-sync/run-log.js';
import { openRepository } from '../open-repository.js';
import type { SyncRemote } from '../sync/choose-remotes.js';
import { reaching, unavailable } from '../sync/fetch-remote.js';
import { whileReachable } from '../sync/reach-remotes.js';
import { runInTime } from '../sync/run-in-time.js';
import { otherGateways } from './other-gateways.js';

/** Milliseconds: changes of so long are told at once. */
const GATHERING = 1000;
/** Milliseconds a gateway may take. */
const PATIENCE = 60_000;

/**
 * `git-annex-ts tell-gateways`: pushes the git-annex branch to the other gateways, one after the other, until there is nothing
 * untold; what happens is in `.git/annex/annex-ts/gateways.log`. With `--background`, as it is started where contents came or
 * went through this gateway, it ends at once when another process is at it already: that one sees to what is new. A gateway that
 * is not reached is told the next time. Gives the exit code.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const repository = await openRepository(fromText(process.cwd()), { autoInit: false });
  const folder = `${repository.annexDir}/annex-ts` as ByteString;
  const inBackground = argv.includes('--background');
  makeOwnFolder(folder);
  const log = openRunLog(`${folder}/gateways.log` as ByteString);
  let failed = false;
  const say = (gateway: ByteString | undefined, failure: string | undefined): void => {
    failed ||= failure !== undefined;
    const line = `${gateway === undefined ? '' : `${toText(gateway)}: `}${failure ?? 'told'}\n`;
    log.write(Buffer.from(`== ${new Date().toISOString()} ${line}`));
    if (!inBackground) process.stdout.write(line);
  };
  try {
    await (inBackground ? tellUntilDone : tellOnce)(repository, folder, say);
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    say(undefined, error.message);
  } finally {
    log.close();
    await repository.close();
  }
  return failed ? 1 : 0;
}

type Say = (gateway: ByteString | undefined, failure: string | undefined) => void;

/** In the background: until there is nothing untold, unless another process is at it. */
async function tellUntilDone(repository: Repository, folder: ByteString, say: Say): Promise<void> {
  const mark = toPath(`${folder}/untold` as ByteString);
  writeFileSync(mark, '');
  // A change that comes while the lock is given back starts another process; one that came just before is seen here.
  while (existsSync(mark)) {
    const lock = lockFolder(folder);
    if (lock === undefined) return;
    try {
      while (existsSync(mark)) {
        await sleep(GATHERING);
        rmSync(mark, { force: true });
        await tellAll(repository, say);
      }
    } finally {
      lock.release();
    }
  }
}

/** By hand: now, or once nobody else is at it. */
async function tellOnce(repository: Repository, folder: ByteString, say: Say): Promise<void> {
  let lock = lockFolder(folder);
  for (; lock === undefined; lock = lockFolder(folder)) await sleep(100);
  try {
    await tellAll(repository, say);
  } finally {
    lock.release();
  }
}

function lockFolder(folder: ByteString): FileLock | undefined {
  return tryFileLock(`${folder}/gateways.lck` as ByteString, 'exclusive', { mode: ownLockMode(folder) });
}

async function tellAll(repository: Repository, say: Say): Promise<void> {
  const { branch } = repository;
  await branch.update();
  await branch.commit();
  const gateways = otherGateways(repository).map((one) => ({ ...one, pull: false, push: true, named: true }));
  await whileReachable(repository, gateways, async (reachable) => {
    for (const gateway of reachable) {
      say(gateway.name, (await tell(repository, gateway))?.message);
    }
  });
}

/**
 * The branch gets a name there that no other gateway uses, so nobody's push is in another's way. git-annex merges every ref of
 * the name `git-annex`, the hook `post-receive` at once.
 */
async function tell(repository: Repository, gateway: SyncRemote): Promise<AnnexError | undefined> {
  const { signal } = new AbortController();
  const refspec = `+refs/heads/git-annex:refs/synced/${repository.uuid}/git-annex`;
  const args = ['push', '--quiet', '--', gateway.name, refspec];
  const pushed = await runInTime(repository.location, args, PATIENCE, reaching(gateway, signal));
  if (pushed === undefined) return new AnnexError('remote-unavailable', 'did not answer in time');
  return pushed.exitCode === 0 ? undefined : unavailable(gateway, pushed.stderr);
}
