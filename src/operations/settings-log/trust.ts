import { toText } from '../../lib/bytes.js';
import type { ByteString } from '../../lib/bytes.js';
import { AnnexError } from '../../domain/errors.js';
import { groupLog } from '../../domain/logs/group-log.js';
import { trustLog } from '../../domain/logs/trust-log.js';
import type { TrustLevel } from '../../domain/trust.js';
import type { Uuid } from '../../domain/uuid.js';
import type { BranchChange } from '../../repository/branch/annex-branch.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

export interface TrustRequest {
  readonly command: 'trust' | 'semitrust' | 'untrust' | 'dead';
  readonly level: TrustLevel;
  readonly names: readonly ByteString[];
  readonly force: boolean;
}

/** Sets the trust level of the named repositories. Trusting needs force: a wrong trust loses data. */
export async function setTrust(
  repository: Recorder,
  known: KnownRepositories,
  { command, level, names, force }: TrustRequest,
  { emit }: OperationContext,
): Promise<Outcome> {
  if (names.length === 0) throw new AnnexError('usage', 'no repository name specified');
  let failed = 0;
  for (const name of names) {
    const uuid = known.named(name);
    const action = { command, subject: name, input: [name] };
    emit({ type: 'start', action });
    if (level === 'trusted' && !force) {
      failed++;
      emit({ type: 'end', action, success: false, errors: [dangerOfTrust(name)], fields: { uuid } });
      continue;
    }
    await repository.branch.change(trustChanges(uuid, level));
    emit({ type: 'end', action, success: true, fields: { uuid } });
  }
  await recordState(repository, emit);
  return { failed, stoppedByLimit: false };
}

/** A dead repository leaves its groups, too. */
function trustChanges(uuid: Uuid, level: TrustLevel): BranchChange[] {
  const now = logClock();
  const trust = {
    path: trustLog.path,
    change: (content: ByteString) => trustLog.set(content, uuid, level, now),
  };
  if (level !== 'dead') return [trust];
  return [trust, { path: groupLog.path, change: (content) => groupLog.set(content, uuid, new Set(), now) }];
}

function dangerOfTrust(name: ByteString): string {
  const shown = toText(name);
  return (
    "git-annex: Trusting a repository can lead to data loss. If you're sure you know what you're doing, use --force to " +
    'make this take effect. If you choose to do so, bear in mind that any time you drop content from ' +
    `${shown}, you will risk losing data.`
  );
}
