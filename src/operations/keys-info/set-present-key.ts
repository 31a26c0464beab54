import { AnnexError } from '../../domain/errors.js';
import { locationLogPath } from '../../domain/hash-directories.js';
import { type Key, parseKey } from '../../domain/key.js';
import { setLocation } from '../../domain/logs/location-log.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import type { VectorClock } from '../../domain/vector-clock.js';
import type { ByteString } from '../../lib/bytes.js';
import { inBatches } from '../../lib/in-batches.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import type { OperationContext, Outcome } from '../context.js';
import type { Questions } from './answers.js';

/** One change to what the location logs say. */
interface Statement {
  readonly key: Key;
  readonly uuid: Uuid;
  readonly present: boolean;
  readonly input: readonly ByteString[];
}

/** Changes journalled under one lock; a slow writer's last ones wait that many milliseconds. */
const BATCH = { items: 1000, linger: 5 };

/**
 * Records that a repository has the content of a key, or has not. Every change is journalled before it is reported. The
 * journal is left to the next command to commit, as git-annex leaves it.
 */
export async function setPresentKey(
  branch: AnnexBranch,
  questions: Questions,
  now: () => VectorClock,
  { emit, signal }: OperationContext,
): Promise<Outcome> {
  let failure: unknown;
  const statements = async function* (): AsyncGenerator<Statement> {
    try {
      if (questions.from === 'operands') yield readStatement(questions.words, questions.words);
      else for await (const record of questions.words) yield readRecord(record);
    } catch (error) {
      failure = error;
    }
  };
  for await (const batch of inBatches(statements(), BATCH)) {
    signal.throwIfAborted();
    const clock = now();
    await branch.change(
      batch.map(({ key, uuid, present }) => ({
        path: locationLogPath(key),
        change: (content) => setLocation(content, uuid, present ? '1' : '0', clock),
      })),
    );
    for (const { key, input } of batch) {
      const action = { command: 'setpresentkey', key, subject: key, input };
      emit({ type: 'start', action });
      emit({ type: 'end', action, success: true });
    }
  }
  if (failure !== undefined) throw failure;
  return { failed: 0, stoppedByLimit: false };
}

function readRecord(record: ByteString): Statement {
  try {
    return readStatement(record.split(' ') as ByteString[], [record]);
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    throw new AnnexError(error.code, `Batch input parse failure: ${error.message}`, { cause: error });
  }
}

function readStatement(words: readonly ByteString[], input: readonly ByteString[]): Statement {
  const [keyWord, uuidWord, value] = words;
  if (keyWord === undefined || uuidWord === undefined || value === undefined || words.length > 3) {
    throw new AnnexError('usage', 'Bad input. Expected: key uuid value');
  }
  const key = parseKey(keyWord);
  if (key === undefined) throw new AnnexError('invalid-key', 'bad key');
  const uuid = parseUuid(uuidWord);
  if (uuid === undefined) throw new AnnexError('usage', 'bad uuid: it is empty or holds white space');
  if (value !== '1' && value !== '0') throw new AnnexError('usage', 'bad value');
  return { key, uuid, present: value === '1', input };
}
