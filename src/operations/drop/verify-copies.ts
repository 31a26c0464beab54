import { AnnexError } from '../../domain/errors.js';
import type { SafeDropProof } from '../../domain/drop-proof.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { Key } from '../../domain/key.js';
import { isClusterUuid, type Uuid } from '../../domain/uuid.js';
import { streamOf } from '../../lib/in-batches.js';
import { type DropShortfall, proveDrop, type VerifiedCopy } from '../../planning/prove-drop.js';
import type { Presence, Remote, RemoteContentLock } from '../../remotes/remote.js';
import type { HeldLock } from '../../repository/objects/object-store.js';
import type { CopiesWanted } from '../../domain/copies.js';
import type { Session } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/** What was found out about the other copies of a content. */
export interface VerifiedCopies {
  /** Undefined: too few copies. */
  readonly proof: SafeDropProof | undefined;
  readonly shortfall: DropShortfall | undefined;
  /** Remotes that could not be asked. */
  readonly unreached: readonly Remote[];
  /** Repositories that turned out not to have it. */
  readonly lacking: ReadonlySet<Uuid>;
  /** Remotes with the content that can't keep it locked. */
  readonly unlockable: readonly Remote[];
  /** Lets go of the copies; after the content was removed. */
  release(): Promise<void>;
}

/** Milliseconds for which a copy that was seen, and can't be locked, is taken to be there. */
const SEEN = 600_000;

export interface VerifyOptions {
  /** The repository that is to lose the content; it counts for nothing. */
  readonly target: Uuid;
  readonly wanted: CopiesWanted;
  /** Whether a copy in this repository counts. */
  readonly countHere: boolean;
  /** Whether the target's content is locked for nobody else. */
  readonly held: boolean;
  /** A remote that has the content whatever the location log said; asked first. */
  readonly alsoAt?: Remote | undefined;
}

/**
 * Locks other copies of a content until there are enough to drop it: here, then remotes that are recorded to have it,
 * cheapest first. Trusted repositories count unasked.
 */
export async function verifyCopies(
  session: Session,
  item: LoggedItem,
  options: VerifyOptions,
): Promise<VerifiedCopies> {
  const { here, policy } = session;
  const { target, wanted, alsoAt } = options;
  const { known } = policy;
  // Dropping from a cluster drops from its nodes. What was just sent to one is on some of them, which are asked.
  const lost = known.nodesOf(target);
  const sentTo = alsoAt === undefined ? [] : known.nodesOf(alsoAt.uuid);
  const recorded = [...new Set([...presentLocations(item.log), ...sentTo])].filter(
    (uuid) => uuid !== target && !lost.has(uuid),
  );
  const trusted = presentLocations(item.log).filter(
    (uuid) => recorded.includes(uuid) && policy.trust(uuid) === 'trusted',
  );
  const own = options.countHere ? here.objects.lockShared(item.key) : undefined;
  const locked: RemoteContentLock[] = own === undefined ? [] : [asRemoteLock(own, here.uuid)];
  const unreached: Remote[] = [];
  const lacking = new Set<Uuid>();
  const seen: VerifiedCopy[] = [];
  const unlockable: Remote[] = [];
  const least = options.held && wanted.mincopies === 1 ? 0 : wanted.mincopies;
  const enough = () => {
    const firm = locked.length + trusted.length;
    return firm >= least && firm + seen.length >= Math.max(wanted.numcopies, wanted.mincopies);
  };
  for (const remote of alsoAt === undefined ? session.automatic : [alsoAt, ...session.automatic]) {
    if (session.force || enough()) break;
    const { uuid } = remote;
    const counts = remote === alsoAt || (recorded.includes(uuid) && policy.trust(uuid) === 'semitrusted');
    if (!counts || uuid === target || lost.has(uuid) || isClusterUuid(uuid)) continue;
    if (locked.some((lock) => lock.uuid === uuid)) continue;
    if (remote.locksNothing === true) {
      const presence = await presenceOf(remote, item.key, session.context.signal);
      if (presence instanceof AnnexError) unreached.push(remote);
      else if (presence === 'absent') lacking.add(uuid);
      else {
        seen.push({ uuid, expires: performance.now() + SEEN });
        unlockable.push(remote);
      }
      continue;
    }
    const lock = await remote.lockContent(item.key);
    if (lock instanceof AnnexError) unreached.push(remote);
    else if (lock === undefined) lacking.add(uuid);
    else locked.push(lock);
  }
  const result = proveDrop({
    key: item.key,
    target,
    lost,
    locked: locked.map(({ uuid, expires }) => ({ uuid, expires })),
    trusted,
    seen,
    held: options.held,
    ...wanted,
    force: session.force,
  });
  return {
    proof: result.proof,
    shortfall: result.shortfall,
    unreached,
    lacking,
    unlockable,
    async release() {
      for (const lock of locked) await lock.release();
    },
  };
}

async function presenceOf(remote: Remote, key: Key, signal: AbortSignal): Promise<Presence> {
  try {
    for await (const { presence } of remote.presence(streamOf([key]), { signal })) return presence;
  } catch (error) {
    if (!signal.aborted && error instanceof AnnexError) return error;
    throw error;
  }
  return new AnnexError('protocol', 'the remote gave no answer');
}

function asRemoteLock(lock: HeldLock, uuid: Uuid): RemoteContentLock {
  return { uuid, expires: undefined, release: async () => lock.release() };
}
