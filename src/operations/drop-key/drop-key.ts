import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { parseKey } from '../../domain/key.js';
import { proveDrop } from '../../planning/prove-drop.js';
import { recordLocations } from '../../remotes/record-locations.js';
import { lockRefusal } from '../../repository/objects/lock-refusal.js';
import type { Repository } from '../../repository/repository.js';
import type { ByteString } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../context.js';
import type { Questions } from '../keys-info/answers.js';
import { createRunningAction } from '../transfer/running-action.js';

/**
 * Drops contents from this repository without a look at other copies: `dropkey`, which the user must force.
 * @throws AnnexError `usage` without force, `invalid-key` for what is no key
 */
export async function dropKeys(
  here: Repository,
  questions: Questions,
  force: boolean,
  context: OperationContext,
): Promise<Outcome> {
  if (!force) {
    throw new AnnexError(
      'usage',
      "dropkey can cause data loss; use --force if you're sure you want to do this",
    );
  }
  let failed = 0;
  for await (const word of questions.words) {
    context.signal.throwIfAborted();
    const key = parseKey(word);
    if (key === undefined) {
      const batch = questions.from === 'batch' ? 'Batch input parse failure: ' : '';
      throw new AnnexError('invalid-key', `${batch}bad key`);
    }
    if (!(await dropOne(here, key, word, context))) failed++;
  }
  return { failed, stoppedByLimit: false };
}

async function dropOne(
  here: Repository,
  key: Key,
  input: ByteString,
  context: OperationContext,
): Promise<boolean> {
  const running = createRunningAction(
    { command: 'dropkey', key, subject: key, input: [input] },
    context.emit,
  );
  running.start();
  try {
    await remove(here, key);
    running.end(true);
    return true;
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    running.failure(error);
    running.end(false);
    return false;
  }
}

/** That it is absent is journalled first: a crash in between leaves a log that claims too little. */
async function remove(here: Repository, key: Key): Promise<void> {
  const present = here.objects.locate(key) !== undefined;
  const lock = present ? here.objects.lockExclusive(key) : undefined;
  if (present && lock === undefined) throw lockRefusal(here.annexDir);
  try {
    await recordLocations(here, [key], here.uuid, 'absent');
    if (!present) return;
    const { proof } = proveDrop({
      key,
      target: here.uuid,
      locked: [],
      trusted: [],
      numcopies: 0,
      mincopies: 0,
      force: true,
    });
    if (proof !== undefined) await here.objects.remove(key, proof);
  } finally {
    lock?.release();
  }
}
