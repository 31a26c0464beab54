import { AnnexError } from '../../domain/errors.js';
import type { SafeDropProof } from '../../domain/drop-proof.js';
import type { Key } from '../../domain/key.js';
import { locationState } from '../../domain/logs/location-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { streamOf } from '../../lib/in-batches.js';
import type { Remote } from '../../remotes/remote.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { RunningAction } from '../transfer/running-action.js';
import type { Session } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/** A content that may be removed while its locks are held. */
export interface ProvenDrop {
  readonly item: LoggedItem;
  readonly running: RunningAction;
  readonly proof: SafeDropProof;
  /** Lets go of the content and of the copies that prove the drop. */
  release(): Promise<void>;
}

/** How the location log tells that the content is gone: `dead` when it is not expected to come back. */
export type GoneState = 'absent' | 'dead';

type Failures = Map<ProvenDrop, AnnexError>;

/**
 * Removes contents from this repository. Their absence is journalled first: a crash in between leaves a log that claims
 * too little, never one that claims too much. Gives what failed.
 */
export async function removeHere(
  { here }: Session,
  drops: readonly ProvenDrop[],
  state: GoneState = 'absent',
): Promise<Failures> {
  const failures: Failures = new Map();
  await recordLocations(
    here,
    drops.map(({ item }) => item.key),
    here.uuid,
    state,
  );
  for (const drop of drops) {
    try {
      await here.objects.remove(drop.item.key, drop.proof);
    } catch (error) {
      failures.set(drop, asAnnexError(error));
    }
  }
  const kept = [...failures.keys()]
    .map(({ item }) => item.key)
    .filter((key) => here.objects.locate(key) !== undefined);
  await recordLocations(here, kept, here.uuid, 'present');
  return failures;
}

/**
 * Removes contents from a remote, which records it in its own log. Where the log here says that the remote has one, its absence
 * is recorded just before, and taken back when it stays. Gives what failed.
 */
export async function removeFromRemote(
  { here, context }: Session,
  remote: Remote,
  drops: readonly ProvenDrop[],
  state: GoneState = 'absent',
): Promise<Failures> {
  const failures: Failures = new Map();
  const waiting = new Map(drops.map((drop) => [drop.proof, drop]));
  const requests = drops.map(({ item, proof }) => ({ key: item.key, proof }));
  const byKey = new Map(drops.map((drop) => [drop.item.key, drop]));
  const gone: ProvenDrop[] = [];
  const recorded = new Set<Key>();
  const onRemoving = async (keys: readonly Key[]): Promise<void> => {
    const claimed = keys.filter((key) => isClaimed(byKey.get(key), remote.uuid));
    await recordLocations(here, claimed, remote.uuid, state);
    for (const key of claimed) recorded.add(key);
  };
  try {
    for await (const { key, error } of remote.remove(streamOf(requests), {
      signal: context.signal,
      onRemoving,
    })) {
      const drop = byKey.get(key) as ProvenDrop;
      waiting.delete(drop.proof);
      if (error === undefined) gone.push(drop);
      else failures.set(drop, error);
    }
  } catch (error) {
    if (context.signal.aborted) throw error;
    for (const drop of waiting.values()) failures.set(drop, asAnnexError(error));
  }
  const keysOf = (some: Iterable<ProvenDrop>) => [...some].map(({ item }) => item.key);
  const late = keysOf(gone).filter((key) => !recorded.has(key));
  await recordLocations(here, late, remote.uuid, state);
  const kept = keysOf(failures.keys()).filter((key) => recorded.has(key));
  await recordLocations(here, kept, remote.uuid, 'present');
  return failures;
}

const isClaimed = (drop: ProvenDrop | undefined, uuid: Uuid): boolean =>
  drop !== undefined && locationState(drop.item.log, uuid) === '1';

function asAnnexError(error: unknown): AnnexError {
  if (error instanceof AnnexError) return error;
  return new AnnexError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}
