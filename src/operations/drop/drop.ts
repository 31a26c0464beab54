import type { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Remote } from '../../remotes/remote.js';
import type { Outcome } from '../context.js';
import type { CopiesWanted } from '../../domain/copies.js';
import type { Action } from '../../domain/events.js';
import { actionOf, type Item } from '../select/item.js';
import { createFilesOf } from '../select/files-of-key.js';
import type { Selection } from '../select/select.js';
import { lockedBatchLimits, selectedBatches } from '../transfer/selected-batches.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import { assertWritable, outcomeOf, type Session, type Tally } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { inLockGroups } from './lock-groups.js';
import { type GoneState, type ProvenDrop, removeFromRemote, removeHere } from './remove-proven.js';
import { requiredUnderAnyName } from './required-names.js';
import { DROP_ADVICE, tellUnsafe } from './tell-unsafe.js';
import { verifyCopies } from './verify-copies.js';
import { lockRefusal } from '../../repository/objects/lock-refusal.js';

export interface DropRequest {
  /** The remote to drop from; undefined: this repository. */
  readonly from?: ByteString | undefined;
  /** Only what is not wanted there and has copies enough elsewhere. */
  readonly auto: boolean;
  /** What the drop of an item is called; default: `drop FILE`. */
  readonly actionOf?: ((item: Item) => Action) | undefined;
  /** How it is recorded that the contents are gone; default: `absent`. */
  readonly recordAs?: GoneState | undefined;
}

/** Removes contents of which enough other copies are proven: `drop`. */
export async function drop(session: Session, selection: Selection, request: DropRequest): Promise<Outcome> {
  const from = request.from === undefined ? undefined : session.remote(request.from);
  if (from !== undefined) assertWritable(from);
  const tally: Tally = { failed: 0 };
  const filesOf = createFilesOf(session.here);
  const limits = { ...lockedBatchLimits(selection), weight: Number.POSITIVE_INFINITY };
  for await (const batch of selectedBatches(session, selection, limits)) {
    const chosen = await choose(session, selection, batch, request, from);
    const results = await dropAll(session, chosen, from, { ...request, filesOf });
    for (const result of results.values()) if (result !== 'dropped') tally.failed++;
  }
  return outcomeOf(session, selection, tally);
}

async function choose(
  session: Session,
  selection: Selection,
  batch: readonly LoggedItem[],
  request: DropRequest,
  from: Remote | undefined,
): Promise<LoggedItem[]> {
  const target = from?.uuid ?? session.here.uuid;
  const unwanted = request.auto ? await session.policy.unwantedBy(target, batch) : undefined;
  const seen = new Set<string>();
  return batch.filter((item, i) => {
    const there = from !== undefined || session.here.objects.locate(item.key) !== undefined;
    const useful = there && !seen.has(item.key) && unwanted?.[i] !== false;
    seen.add(item.key);
    if (!useful) selection.nothingFor(item);
    return useful && session.limits.admits(item.key);
  });
}

/** How a drop ended: `refused` when too few copies could be proven, or the content is required or in use. */
export type Dropped = 'dropped' | 'refused' | AnnexError;

interface DropAllOptions extends Pick<DropRequest, 'actionOf' | 'recordAs'> {
  /** The files that have a key's content. */
  readonly filesOf: (key: Key) => Promise<readonly ByteString[]>;
}

/**
 * Drops contents from a remote (undefined: from here) and ends their actions. Their locks are held together, so there may
 * be no more than `lockedBatchSize()`.
 */
export async function dropAll(
  session: Session,
  items: readonly LoggedItem[],
  from: Remote | undefined,
  { actionOf: called = (item: Item) => actionOf('drop', item), recordAs, filesOf }: DropAllOptions,
): Promise<Map<LoggedItem, Dropped>> {
  const target = from?.uuid ?? session.here.uuid;
  const copies = await session.policy.copiesToDrop(items);
  const required = session.force ? [] : await requiredUnderAnyName(session.policy, target, items, filesOf);
  const results = new Map<LoggedItem, Dropped>(items.map((item) => [item, 'refused']));
  const proveOne = ([i, item]: [number, LoggedItem]): Promise<ProvenDrop | undefined> => {
    const running = createRunningAction(called(item), session.context.emit);
    if (from !== undefined) running.note(`from ${toText(from.name)}...`);
    if (required[i]) return refuseRequired(running);
    return prove(session, item, running, target, copies[i] as CopiesWanted, from);
  };
  await inLockGroups(session, items.entries(), proveOne, async (proven) => {
    const failures =
      from === undefined
        ? await removeHere(session, proven, recordAs)
        : await removeFromRemote(session, from, proven, recordAs);
    for (const drop of proven) {
      const failure = failures.get(drop);
      results.set(drop.item, failure ?? 'dropped');
      if (failure !== undefined) drop.running.failure(failure);
      drop.running.end(failure === undefined);
    }
  });
  return results;
}

async function refuseRequired(running: RunningAction): Promise<undefined> {
  running.longNote('That file is required content. It cannot be dropped!');
  running.longNote('(Use --force to override this check, or adjust required content configuration.)');
  running.end(false);
}

async function prove(
  session: Session,
  item: LoggedItem,
  running: RunningAction,
  target: Uuid,
  wanted: CopiesWanted,
  from: Remote | undefined,
): Promise<ProvenDrop | undefined> {
  running.start();
  const own = from === undefined ? session.here.objects.lockExclusive(item.key) : undefined;
  if (from === undefined && own === undefined) {
    running.failure(lockRefusal(session.here.annexDir));
    running.end(false);
    return undefined;
  }
  const verified = await verifyCopies(session, item, {
    target,
    wanted,
    countHere: from !== undefined,
    held: own !== undefined,
  });
  const release = async () => {
    own?.release();
    await verified.release();
  };
  if (verified.proof !== undefined) return { item, running, proof: verified.proof, release };
  const others = tellUnsafe(session, running, item, target, verified, DROP_ADVICE);
  running.end(false, { wanted: others });
  await release();
  return undefined;
}
