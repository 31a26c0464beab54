import { AnnexError } from '../../domain/errors.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import type { ByteString } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

/** Sets the description of a repository: the first word names it, the others are the description. */
export async function describe(
  repository: Recorder,
  known: KnownRepositories,
  [name, ...words]: readonly ByteString[],
  { emit }: OperationContext,
): Promise<Outcome> {
  if (name === undefined || words.length === 0) {
    throw new AnnexError('usage', 'Specify a repository and a description.');
  }
  const uuid = known.named(name);
  const description = words.join(' ').replace(/[\r\n]+/g, ' ') as ByteString;
  const action = { command: 'describe', subject: name, input: [name, ...words] };
  emit({ type: 'start', action });
  await repository.branch.change([
    {
      path: descriptionLog.path,
      change: (content) => descriptionLog.set(content, uuid, description, logClock()),
    },
  ]);
  emit({ type: 'end', action, success: true, fields: { uuid } });
  await recordState(repository, emit);
  return { failed: 0, stoppedByLimit: false };
}
