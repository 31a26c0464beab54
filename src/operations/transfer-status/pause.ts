import type { Uuid } from '../../domain/uuid.js';
import type { Outcome } from '../context.js';
import { attempt } from '../attempt.js';
import { createRunningAction } from '../transfer/running-action.js';
import type { PauseScope } from '../../repository/transfers/steering.js';
import type { Steered } from './cancel.js';
import { pauseText, processText } from './show-snapshot.js';
import { type RunningTransfer, takeSnapshot } from './snapshot.js';
import type { Target } from './targets.js';

/** What is to be paused or resumed: the transfers with some repositories, of some keys, or all. */
export interface PauseRequest {
  readonly keys: readonly Target[];
  readonly repositories: readonly Uuid[];
}

/**
 * Pauses transfers: processes of this program interrupt them, hold no lock meanwhile, begin no new ones, and continue when they
 * are resumed, which may be after a restart of the machine. Those of git-annex go on; it is said which.
 */
export async function pauseTransfers(steered: Steered, request: PauseRequest): Promise<Outcome> {
  const scopes = scopesOf(request);
  let failed = 0;
  for (const scope of scopes) {
    const action = actionFor(steered, 'pause', scope);
    const done = await attempt(action, () => {
      steered.steering.pause(scope);
      return undefined;
    });
    if (!done) failed++;
  }
  const deaf = takeSnapshot(steered.repository).running.filter(
    (transfer) =>
      (transfer.program !== 'ours' || transfer.serving) && scopes.some((scope) => covers(scope, transfer)),
  );
  for (const { pid, command, serving } of deaf) {
    const why = serving ? 'serves others, and goes on' : 'is not of this program, and goes on';
    steered.context.emit({
      type: 'warning',
      text: `${processText(pid, command)} ${why}; --cancel ends its transfer.`,
    });
  }
  return { failed, stoppedByLimit: false };
}

/** Lets go on what was paused; without a choice, all of it. */
export async function resumeTransfers(steered: Steered, request: PauseRequest): Promise<Outcome> {
  const everything = request.keys.length === 0 && request.repositories.length === 0;
  const scopes = everything ? steered.steering.pauses() : scopesOf(request);
  let failed = 0;
  for (const scope of scopes) {
    const action = actionFor(steered, 'resume', scope);
    const done = await attempt(action, () => {
      if (steered.steering.resume(scope)) return undefined;
      action.failure('it is not paused');
      return 'failed';
    });
    if (!done) failed++;
  }
  return { failed, stoppedByLimit: false };
}

function scopesOf({ keys, repositories }: PauseRequest): PauseScope[] {
  const scopes = [...keys.map(({ key }) => ({ key })), ...repositories.map((uuid) => ({ uuid }))];
  return scopes.length === 0 ? ['all'] : scopes;
}

function covers(scope: PauseScope, { key, uuid }: RunningTransfer): boolean {
  if (scope === 'all') return true;
  return 'key' in scope ? scope.key === key : scope.uuid === uuid;
}

function actionFor({ names, context }: Steered, command: string, scope: PauseScope) {
  const subject = pauseText(scope, names);
  return createRunningAction(
    { command, subject: subject as ReturnType<Steered['names']['description']> },
    context.emit,
  );
}
