import { rmSync } from 'node:fs';
import type { Action } from '../../domain/events.js';
import { type Key, keyFileName } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { streamOf } from '../../lib/in-batches.js';
import type { Outcome } from '../context.js';
import { drop } from '../drop/drop.js';
import type { Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import type { Session } from '../transfer/session.js';
import { type Numbered, numberedUnused } from '../unused/numbered.js';

export interface DropUnusedRequest {
  /** The remote to drop from; undefined: here. */
  readonly from: ByteString | undefined;
  /** Numbers, ranges, or `all`. */
  readonly words: readonly ByteString[];
}

/** Numbers whose contents are dropped together. */
const TOGETHER = 2048;

/**
 * Drops what `unused` found: contents as `drop` does, with its checks; bad and temporary files are deleted. A number that
 * was not given ends it with `usage` after what came before.
 */
export async function dropUnused(session: Session, request: DropUnusedRequest): Promise<Outcome> {
  if (request.from !== undefined) session.remote(request.from);
  let failed = 0;
  let waiting: Numbered[] = [];
  const dropWaiting = async () => {
    const numbers = waiting;
    waiting = [];
    failed += await dropNumbers(session, request.from, numbers);
  };
  try {
    for (const numbered of numberedUnused(session.here.annexDir, request.words)) {
      if (numbered.kind !== 'unused') await dropWaiting();
      if (numbered.kind !== 'unused') deleteFile(session, numbered);
      else if (waiting.push(numbered) === TOGETHER) await dropWaiting();
    }
  } finally {
    await dropWaiting();
  }
  return { failed, stoppedByLimit: false };
}

async function dropNumbers(
  session: Session,
  from: ByteString | undefined,
  numbers: readonly Numbered[],
): Promise<number> {
  if (numbers.length === 0) return 0;
  const byKey = new Map<Key, Numbered>();
  for (const numbered of numbers) {
    const gone = from === undefined && session.here.objects.locate(numbered.key) === undefined;
    if (gone || byKey.has(numbered.key)) succeed(session, numbered);
    else byKey.set(numbered.key, numbered);
  }
  const items = [...byKey.keys()].map(
    (key): Item => ({ key, path: undefined, shown: undefined, input: [], unlocked: false }),
  );
  const selection: Selection = {
    items: streamOf(items),
    interactive: false,
    nothingFor: () => undefined,
    unknown: 0,
  };
  const outcome = await drop(session, selection, {
    from,
    auto: false,
    recordAs: 'dead',
    actionOf: ({ key }) => actionOf(byKey.get(key) as Numbered),
  });
  return outcome.failed;
}

function deleteFile(session: Session, numbered: Numbered): void {
  const file = `${session.here.annexDir}/${numbered.kind}/${keyFileName(numbered.key)}`;
  rmSync(toPath(file as ByteString), { force: true });
  succeed(session, numbered);
}

function succeed({ context }: Session, numbered: Numbered): void {
  const action = actionOf(numbered);
  context.emit({ type: 'start', action });
  context.emit({ type: 'end', action, success: true });
}

function actionOf({ number }: Numbered): Action {
  const word = String(number) as ByteString;
  return { command: 'dropunused', subject: word, input: [word] };
}
