import { AnnexError } from '../../domain/errors.js';
import { locationLogPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import { parseKey } from '../../domain/key.js';
import { parseLocationLog, setLocation } from '../../domain/logs/location-log.js';
import { parseClock, unknownClock, type VectorClock } from '../../domain/vector-clock.js';
import type { ByteString } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../context.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

const STILL_PRESENT =
  'git-annex: This key is still known to be present in some locations; not marking as dead.';

/** Marks keys as lost, so that `--all` passes over them. Refused for a key that some repository is said to have. */
export async function markKeysDead(
  repository: Recorder,
  words: readonly ByteString[],
  { emit }: OperationContext,
): Promise<Outcome> {
  let failed = 0;
  for (const key of words.map(keyOption)) {
    const action = { command: 'dead', key, subject: key };
    emit({ type: 'start', action });
    let refused = false;
    await repository.branch.change([
      {
        path: locationLogPath(key),
        change(content) {
          refused = parseLocationLog(content).some(({ state }) => state === '1');
          return refused ? content : allDead(content);
        },
      },
    ]);
    if (refused) failed++;
    emit({ type: 'end', action, success: !refused, ...(refused ? { errors: [STILL_PRESENT] } : {}) });
  }
  await recordState(repository, emit);
  return { failed, stoppedByLimit: false };
}

/**
 * Each line keeps its time but for the smallest step, as git-annex has it: whatever another repository recorded about the
 * content since then still counts when the logs are merged.
 */
function allDead(content: ByteString): ByteString {
  return parseLocationLog(content).reduce(
    (changed, { uuid, state, clock }) =>
      state === 'X' ? changed : setLocation(changed, uuid, 'X', justAfter(clock)),
    content,
  );
}

/** The time one picosecond later, which is the finest that logs hold. */
function justAfter(clock: VectorClock): VectorClock {
  if (clock === unknownClock || clock.startsWith('-')) return logClock();
  const [whole = '0', fraction = ''] = clock.split('.');
  const steps = String(BigInt(whole + fraction.padEnd(DIGITS, '0')) + 1n).padStart(DIGITS + 1, '0');
  return parseClock(`${steps.slice(0, -DIGITS)}.${steps.slice(-DIGITS)}`) ?? logClock();
}

const DIGITS = 12;

function keyOption(word: ByteString): Key {
  const key = parseKey(word);
  if (key === undefined) throw new AnnexError('usage', 'option --key: invalid key');
  return key;
}
