import { toText } from '../../lib/bytes.js';
import type { Remote } from '../../remotes/remote.js';
import { inLockGroups } from '../drop/lock-groups.js';
import { type ProvenDrop, removeFromRemote, removeHere } from '../drop/remove-proven.js';
import { tellUnsafe } from '../drop/tell-unsafe.js';
import { verifyCopies } from '../drop/verify-copies.js';
import { isClusterUuid } from '../../domain/uuid.js';
import type { CopiesWanted } from '../../domain/copies.js';
import type { RunningAction } from '../transfer/running-action.js';
import type { Session } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { lockRefusal } from '../../repository/objects/lock-refusal.js';

/** A content that has reached its destination and is to leave its source. */
export interface Moved {
  readonly item: LoggedItem;
  readonly running: RunningAction;
  /** Whether the destination had it before this move: dropping then leaves fewer copies than there were. */
  readonly startedWithCopy: boolean;
}

/** Where contents move between; undefined is this repository. */
export interface MoveEnds {
  readonly source: Remote | undefined;
  readonly destination: Remote | undefined;
}

/** One copy, locked at the destination, replaces the one that is dropped. */
const REPLACED: CopiesWanted = { numcopies: 1, mincopies: 1 };

/**
 * Drops moved contents from their source and ends their actions. A move that does not lessen the number of copies goes
 * ahead whatever numcopies says; else enough copies must be verified, as for any drop. Gives the number that failed.
 */
export async function dropMoved(session: Session, moved: readonly Moved[], ends: MoveEnds): Promise<number> {
  const source = ends.source?.uuid ?? session.here.uuid;
  const items = moved.map(({ item }) => item);
  const copies = await session.policy.copiesToDrop(items);
  const required = session.force ? [] : await session.policy.requiredBy(source, items);
  let failed = 0;
  const proveOne = async ([i, one]: [number, Moved]): Promise<ProvenDrop | undefined> => {
    const drop = required[i]
      ? refuseRequired(one.running, ends)
      : await prove(session, one, copies[i] as CopiesWanted, ends);
    if (drop === undefined) failed++;
    return drop;
  };
  await inLockGroups(session, moved.entries(), proveOne, async (proven) => {
    const failures =
      ends.source === undefined
        ? await removeHere(session, proven)
        : await removeFromRemote(session, ends.source, proven);
    for (const drop of proven) {
      const failure = failures.get(drop);
      if (failure !== undefined) drop.running.failure(failure);
      drop.running.end(failure === undefined);
    }
    failed += failures.size;
  });
  return failed;
}

async function prove(
  session: Session,
  { item, running, startedWithCopy }: Moved,
  copies: CopiesWanted,
  ends: MoveEnds,
): Promise<ProvenDrop | undefined> {
  const target = ends.source?.uuid ?? session.here.uuid;
  const own = ends.source === undefined ? session.here.objects.lockExclusive(item.key) : undefined;
  if (ends.source === undefined && own === undefined) {
    running.failure(lockRefusal(session.here.annexDir));
    running.end(false);
    return undefined;
  }
  // What goes from a cluster may go from several repositories: one copy here does not make up for that.
  const replaced = !startedWithCopy && !losesTrust(session, ends) && !isClusterUuid(target);
  const verified = await verifyCopies(session, item, {
    target,
    wanted: replaced ? REPLACED : copies,
    countHere: ends.source !== undefined,
    held: own !== undefined,
    alsoAt: replaced || countsAsCopy(session, ends.destination) ? ends.destination : undefined,
  });
  const release = async () => {
    own?.release();
    await verified.release();
  };
  if (verified.proof !== undefined) return { item, running, proof: verified.proof, release };
  const wanted = tellUnsafe(session, running, item, target, verified, '');
  running.longNote(`Content not dropped from ${sourceName(ends)}.`);
  running.end(false, { wanted });
  await release();
  return undefined;
}

/** A copy in an untrusted repository is worth less than the one it would replace. */
function losesTrust(session: Session, ends: MoveEnds): boolean {
  const { trust } = session.policy;
  const source = trust(ends.source?.uuid ?? session.here.uuid);
  const destination = trust(ends.destination?.uuid ?? session.here.uuid);
  const doubtful = destination === 'untrusted' || destination === 'dead';
  return doubtful && source !== 'untrusted' && source !== 'dead';
}

function countsAsCopy(session: Session, remote: Remote | undefined): boolean {
  return remote !== undefined && session.policy.trust(remote.uuid) === 'semitrusted';
}

function refuseRequired(running: RunningAction, ends: MoveEnds): undefined {
  running.longNote('That file is required content. It cannot be dropped!');
  running.longNote('(Use --force to override this check, or adjust required content configuration.)');
  running.longNote(`Content not dropped from ${sourceName(ends)}.`);
  running.end(false);
}

function sourceName(ends: MoveEnds): string {
  return ends.source === undefined ? 'here' : toText(ends.source.name);
}
