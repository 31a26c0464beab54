import { AnnexError } from '../../domain/errors.js';
import { type Key, parseKey } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Repository } from '../../repository/repository.js';
import { openScratch, type ScratchFolder } from '../add/scratch.js';
import { type Staged, stageAll } from '../add/stage.js';
import { attempt } from '../attempt.js';
import type { OperationContext, Outcome } from '../context.js';
import { recordStaged } from '../from-key/key-files.js';
import type { Questions } from '../keys-info/answers.js';
import type { Item } from '../select/item.js';
import { fileItem } from '../select/select.js';
import { createRunningAction } from '../transfer/running-action.js';
import { duplicateObject, relinkFile, verifiedObject } from './relink.js';

export interface RekeyRequest {
  /** Files and keys in turn, or lines `FILE KEY`. */
  readonly questions: Questions;
  /** Whether files whose content is not here are changed too. */
  readonly force: boolean;
  /** Absolute. */
  readonly cwd: ByteString;
}

interface Pair {
  readonly file: ByteString;
  readonly key: Key;
  readonly input: readonly ByteString[];
}

/** Makes files stand for other keys: `rekey`. Throws `usage` or `invalid-key` for what is no pair of file and key. */
export async function rekey(
  here: Repository,
  request: RekeyRequest,
  context: OperationContext,
): Promise<Outcome> {
  const scratch = await openScratch(here.annexDir, context.signal);
  const staged: Staged[] = [];
  let failed = 0;
  const stage = () => stageAll(here, staged.splice(0), context.signal);
  let any = false;
  try {
    for await (const pair of pairsOf(request.questions)) {
      context.signal.throwIfAborted();
      const item = await fileItem(here, request.cwd, pair.file);
      if (item === undefined || item.key === pair.key) {
        if (request.questions.from === 'batch') context.emit({ type: 'blank' });
        continue;
      }
      const done = await rekeyOne(here, request, { ...item, input: pair.input }, pair.key, scratch, context);
      if (done === undefined) failed++;
      else staged.push(done);
      any ||= done !== undefined;
      if (staged.length >= 1000) await stage();
    }
  } finally {
    await stage();
    await here.unlocked.flush();
    scratch.release();
    await recordStaged(here, context.emit, any);
  }
  return { failed, stoppedByLimit: false };
}

async function rekeyOne(
  here: Repository,
  { force }: RekeyRequest,
  item: Item,
  key: Key,
  scratch: ScratchFolder,
  context: OperationContext,
): Promise<Staged | undefined> {
  const file = item.shown ?? ('' as ByteString);
  const running = createRunningAction({ command: 'rekey', file, input: item.input }, context.emit);
  let staged: Staged | undefined;
  await attempt(running, async () => {
    const object = here.objects.locate(item.key);
    if (object === undefined && !force) {
      throw new AnnexError('content-missing', `${toText(file)} is not available (use --force to override)`);
    }
    if (object !== undefined) {
      await verifiedObject(here, object, key, running.note);
      await duplicateObject(here, object, key, scratch.name);
    }
    staged = await relinkFile(here, item, key, scratch.name);
    if (object !== undefined) await recordLocations(here, [key], here.uuid, 'present');
    return undefined;
  });
  return staged;
}

async function* pairsOf(questions: Questions): AsyncGenerator<Pair> {
  if (questions.from === 'operands') {
    const { words } = questions;
    if (words.length % 2 !== 0) throw new AnnexError('usage', 'expected pairs');
    const keys = words.map((word, i) => (i % 2 === 1 ? keyOf(word, '') : undefined));
    for (let i = 0; i < words.length; i += 2) {
      const [file, word] = words.slice(i, i + 2) as [ByteString, ByteString];
      yield { file, key: keys[i + 1] as Key, input: [file, word] };
    }
    return;
  }
  for await (const line of questions.words) {
    const space = line.lastIndexOf(' ');
    if (space <= 0) {
      throw new AnnexError('usage', 'Batch input parse failure: Expected pairs of file and key');
    }
    const key = keyOf(line.slice(space + 1) as ByteString, 'Batch input parse failure: ');
    yield { file: line.slice(0, space) as ByteString, key, input: [line] };
  }
}

function keyOf(word: ByteString, place: string): Key {
  const key = parseKey(word);
  if (key === undefined) throw new AnnexError('invalid-key', `${place}bad key`);
  return key;
}
