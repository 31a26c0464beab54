import { formatDurationBriefly, parseDuration } from '../../domain/duration.js';
import { AnnexError } from '../../domain/errors.js';
import { activityLog } from '../../domain/logs/activity-log.js';
import { compareBytes } from '../../domain/logs/lines.js';
import { trustLog } from '../../domain/logs/trust-log.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import type { TrustLevel } from '../../domain/trust.js';
import type { Uuid } from '../../domain/uuid.js';
import { clockSeconds } from '../../domain/vector-clock.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { logClock } from '../settings-log/log-clock.js';
import { type Recorder, recordState } from '../settings-log/record-state.js';

export interface ExpireRequest {
  /** `60d`, `never`, `repository:60d` */
  readonly times: readonly ByteString[];
  /** The activity that counts (`Fsck`); undefined: any. */
  readonly activity: ByteString | undefined;
  /** Whether it is only told what would be done. */
  readonly noAct: boolean;
}

/** Seconds without activity after which a repository expires. */
type Patience = number | 'never';

/** What the words say: one time for all repositories, and times for some. */
interface Times {
  readonly all: Patience | undefined;
  readonly each: ReadonlyMap<Uuid, Patience>;
}

/**
 * Marks repositories as dead that were not active for long, and dead ones that were active of late as semitrusted again.
 * This repository is never expired, and neither is one for which no time was given, or `never`.
 */
export async function expire(
  repository: Recorder,
  known: KnownRepositories,
  { times: words, activity, noAct }: ExpireRequest,
  { emit }: OperationContext,
): Promise<Outcome> {
  if (words.length === 0) throw new AnnexError('usage', 'Specify an expire time.');
  const times = parseTimes(words, known);
  const { branch } = repository;
  const descriptions = descriptionLog.values(await branch.read(descriptionLog.path));
  const activities = activityLog.parse(await branch.read(activityLog.path));
  const now = Date.now() / 1000;
  for (const [uuid, description] of [...descriptions].sort(([a], [b]) => compareBytes(a, b))) {
    const patience = times.each.get(uuid) ?? times.all;
    if (uuid === known.here || patience === undefined) continue;
    const last = activities.get(uuid);
    const counts = last !== undefined && (activity === undefined || last.value === activity);
    const idle = counts ? Math.max(0, now - clockSeconds(last.clock)) : undefined;
    const change = changeOf(idle, patience, known.trustOf(uuid));
    if (change === undefined) continue;
    const action = { command: change.command, subject: `${uuid} ${description}` as ByteString };
    emit({ type: 'start', action });
    const text =
      idle === undefined ? 'no activity' : `last active: ${formatDurationBriefly(Math.floor(idle))} ago`;
    emit({ type: 'note', action, text });
    if (!noAct) await setTrust(repository, uuid, change.level);
    emit({ type: 'end', action, success: true, fields: { uuid } });
  }
  await recordState(repository, emit);
  return { failed: 0, stoppedByLimit: false };
}

function changeOf(
  idle: number | undefined,
  patience: Patience,
  trust: TrustLevel,
): { readonly command: 'expire' | 'unexpire'; readonly level: TrustLevel } | undefined {
  const expired = patience !== 'never' && (idle === undefined || idle > patience);
  if (expired && trust !== 'dead') return { command: 'expire', level: 'dead' };
  if (!expired && trust === 'dead' && idle !== undefined)
    return { command: 'unexpire', level: 'semitrusted' };
  return undefined;
}

async function setTrust({ branch }: Recorder, uuid: Uuid, level: TrustLevel): Promise<void> {
  const change = (content: ByteString) => trustLog.set(content, uuid, level, logClock());
  await branch.change([{ path: trustLog.path, change, about: uuid }]);
}

/** Of two times for the same the last counts. */
function parseTimes(words: readonly ByteString[], known: KnownRepositories): Times {
  const each = new Map<Uuid, Patience>();
  let all: Patience | undefined;
  for (const word of words) {
    const colon = word.lastIndexOf(':');
    const patience = parsePatience(word.slice(colon + 1));
    if (colon === -1) all = patience;
    else each.set(known.named(word.slice(0, colon) as ByteString), patience);
  }
  return { all, each };
}

function parsePatience(text: string): Patience {
  if (text === 'never') return 'never';
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  const shown = toText(text as ByteString);
  throw new AnnexError(
    'usage',
    `bad expire time: failed to parse duration "${shown}" (expected eg "5m" or "1h5m")`,
  );
}
