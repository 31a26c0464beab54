import { setTimeout as sleep } from 'node:timers/promises';
import { AnnexError } from '../../domain/errors.js';
import { fileId, readKernelLocks } from '../../repository/locks/kernel-locks.js';
import { commandOf } from '../../repository/locks/processes.js';
import type { Repository } from '../../repository/repository.js';
import { readTransfers } from '../../repository/transfers/read-transfers.js';
import type { Steering } from '../../repository/transfers/steering.js';
import { programKind } from '../../planning/program-kind.js';
import { attempt } from '../attempt.js';
import type { OperationContext, Outcome } from '../context.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import { processText, repositoryText, type Names } from './show-snapshot.js';
import { isSame, type RunningTransfer, takeSnapshot } from './snapshot.js';
import type { Target } from './targets.js';

/** Milliseconds for which the end of a transfer is waited for. */
const PATIENCE = 15_000;
const INTERVAL = 100;

export interface Steered {
  readonly repository: Repository;
  readonly steering: Steering;
  readonly names: Names;
  readonly context: OperationContext;
}

/**
 * Ends running transfers: all, or those of the keys named. Processes of this program end just the transfer, servers too. A
 * git-annex process can only be interrupted as a whole, which is done where it is at nothing else; one that serves others
 * is never touched.
 */
export async function cancelTransfers(
  steered: Steered,
  targets: readonly Target[] | 'all',
): Promise<Outcome> {
  const running = takeSnapshot(steered.repository).running;
  const chosen =
    targets === 'all' ? running : running.filter(({ key }) => targets.some((target) => target.key === key));
  let failed = 0;
  if (targets !== 'all') {
    for (const { key, word } of targets) {
      if (chosen.some((one) => one.key === key)) continue;
      failed++;
      const action = { command: 'cancel', subject: word, key };
      const missing = createRunningAction(action, steered.context.emit);
      missing.failure('no transfer of it is in progress');
      missing.end(false);
    }
  }
  for (const transfer of chosen) {
    const { file, key } = transfer;
    const action = createRunningAction(
      { command: 'cancel', key, ...(file && { file }) },
      steered.context.emit,
    );
    if (!(await attempt(action, () => cancelOne(steered, transfer, action)))) failed++;
  }
  return { failed, stoppedByLimit: false };
}

async function cancelOne(
  { repository, steering, names, context }: Steered,
  transfer: RunningTransfer,
  action: RunningAction,
): Promise<undefined> {
  const { direction, uuid, key, pid, program } = transfer;
  action.note(`${direction === 'upload' ? 'to' : 'from'} ${repositoryText(uuid, names)}...`);
  if (program === 'ours') steering.cancel(key);
  else interruptProcess(repository, transfer, action);
  try {
    for (let waited = 0; ; waited += INTERVAL) {
      if (!takeSnapshot(repository).running.some((one) => isSame(one, transfer))) return undefined;
      if (waited >= PATIENCE)
        throw new AnnexError('locked', `${processText(pid, transfer.command)} did not end it`);
      await sleep(INTERVAL, undefined, { signal: context.signal });
    }
  } finally {
    if (program === 'ours') steering.forgetCancel(key);
  }
}

/** Interrupts a git-annex process that is at this transfer alone; throws where that would do more. */
function interruptProcess({ annexDir }: Repository, transfer: RunningTransfer, action: RunningAction): void {
  const { pid, program, command } = transfer;
  const process_ = processText(pid, command);
  if (pid === undefined || program === 'unknown')
    throw new AnnexError(
      'locked',
      `it is the transfer of ${process_}, which is none of git-annex's, so it is left alone`,
    );
  if (program === 'git-annex-server')
    throw new AnnexError('locked', `${process_} serves others, and can't be told to end one transfer`);
  const locks = readKernelLocks();
  const others = [...readTransfers(annexDir, locks)].filter(
    (one) => one.pid === pid && one.key !== transfer.key,
  );
  if (others.length > 0)
    throw new AnnexError('locked', `${process_} is at other transfers too, which would end as well`, {
      hint: `To end them all: kill -INT ${pid}`,
    });
  const stillHeld = [...readTransfers(annexDir, locks)].some(
    (one) => one.pid === pid && one.key === transfer.key && fileId(one.lockFile) !== undefined,
  );
  if (!stillHeld || programKind(commandOf(pid)) !== 'git-annex') return;
  process.kill(pid, 'SIGINT');
  action.note(`interrupted ${process_} as a whole`);
}
