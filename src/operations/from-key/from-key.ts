import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import type { Questions } from '../keys-info/answers.js';
import { readOperand } from '../select/operands.js';
import { createRunningAction } from '../transfer/running-action.js';
import { openKeyFiles } from './key-files.js';
import { keyOrUrlKey } from './word-key.js';

export interface FromKeyRequest {
  /** Keys and files in turn, or lines `KEY FILE`. */
  readonly questions: Questions;
  /** Whether keys are taken whose content is not here. */
  readonly force: boolean;
  /** Absolute. */
  readonly cwd: ByteString;
}

interface Pair {
  readonly word: ByteString;
  readonly file: ByteString;
  readonly input: readonly ByteString[];
}

/** Makes files that stand for keys: `fromkey`. Throws `usage`, or `invalid-key` for a key whose content is not here. */
export async function fromKey(
  here: Repository,
  { questions, force, cwd }: FromKeyRequest,
  context: OperationContext,
): Promise<Outcome> {
  const top = here.location.workTree;
  if (top === undefined) throw new AnnexError('usage', 'You cannot run this command in a bare repository.');
  const files = await openKeyFiles(here, top, context);
  let failed = 0;
  try {
    for await (const pair of pairsOf(questions)) {
      context.signal.throwIfAborted();
      const { file, input } = pair;
      let key: Key;
      let path: ByteString;
      try {
        key = keyOrUrlKey(pair.word);
        path = readOperand(file, cwd, top).path;
      } catch (error) {
        if (!(error instanceof AnnexError)) throw error;
        const running = createRunningAction({ command: 'fromkey', file, input }, context.emit);
        running.failure(error);
        running.end(false);
        failed++;
        continue;
      }
      if (!force && here.objects.locate(key) === undefined) {
        throw new AnnexError(
          'content-missing',
          `key (${toText(pair.word)}) is not present in backend (use --force to override this sanity check)`,
        );
      }
      if (!(await files.put({ command: 'fromkey', file, key, input }, key, path))) failed++;
    }
  } finally {
    await files.close();
  }
  return { failed, stoppedByLimit: false };
}

async function* pairsOf(questions: Questions): AsyncGenerator<Pair> {
  if (questions.from === 'operands') {
    const { words } = questions;
    if (words.length % 2 !== 0) throw new AnnexError('usage', 'expected pairs');
    for (let i = 0; i < words.length; i += 2) {
      const [word, file] = words.slice(i, i + 2) as [ByteString, ByteString];
      yield { word, file, input: [word, file] };
    }
    return;
  }
  for await (const line of questions.words) {
    const space = line.indexOf(' ');
    if (space <= 0 || space === line.length - 1) {
      throw new AnnexError('usage', 'Batch input parse failure: Expected pairs of key and filename');
    }
    const [word, file] = [line.slice(0, space), line.slice(space + 1)] as ByteString[];
    yield { word: word as ByteString, file: file as ByteString, input: [line] };
  }
}
