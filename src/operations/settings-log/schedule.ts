import { AnnexError } from '../../domain/errors.js';
import { scheduleLog } from '../../domain/logs/schedule-log.js';
import { formatSchedule, parseSchedule, sortedJobs } from '../../domain/schedule.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

/** Shows the scheduled jobs of a repository, or sets them. */
export async function schedule(
  repository: Recorder,
  known: KnownRepositories,
  operands: readonly ByteString[],
  { emit }: OperationContext,
): Promise<Outcome> {
  const [name, text] = operands;
  if (name === undefined || operands.length > 2) throw new AnnexError('usage', 'Specify a repository.');
  const uuid = known.named(name);
  const { branch } = repository;
  if (text === undefined) {
    const jobs = parseSchedule(scheduleLog.values(await branch.read(scheduleLog.path)).get(uuid) ?? NONE);
    emit({
      type: 'output',
      bytes: `${typeof jobs === 'string' ? '' : formatSchedule(sortedJobs(jobs))}\n` as ByteString,
    });
    return { failed: 0, stoppedByLimit: false };
  }
  const action = { command: 'schedule', subject: name, input: operands };
  emit({ type: 'start', action });
  const jobs = text === '' ? 'unknown activity in ""' : parseSchedule(text);
  const errors = typeof jobs === 'string' ? [`git-annex: Parse error: ${toText(jobs as ByteString)}`] : [];
  if (typeof jobs !== 'string') {
    const value = formatSchedule(jobs);
    const change = (content: ByteString) => scheduleLog.set(content, uuid, value, logClock());
    await branch.change([{ path: scheduleLog.path, about: uuid, change }]);
  }
  emit({ type: 'end', action, success: errors.length === 0, errors });
  await recordState(repository, emit);
  return { failed: errors.length, stoppedByLimit: false };
}

const NONE = '' as ByteString;
