import { AnnexError } from '../../domain/errors.js';
import type { Remote } from '../../remotes/remote.js';
import { recordLocations } from '../../remotes/record-locations.js';
import { verifyCopies } from '../drop/verify-copies.js';
import { fetchBatch } from './fetch.js';
import type { RunningAction } from './running-action.js';
import { type Send, type Sent, sendBatch } from './send.js';
import type { Session } from './session.js';
import type { LoggedItem } from './with-logs.js';

/** A content on its way from one remote to another, by way of this repository. */
export interface Relay extends Send {
  readonly item: LoggedItem;
  readonly running: RunningAction;
  /** Where it may be had, best first; not needed when it is here. */
  readonly sources: readonly Remote[];
}

/**
 * Sends contents to a remote, first getting those that are not here; these do not stay, and are not recorded to be here.
 * Gives how each ended.
 */
export async function relayBatch(
  session: Session,
  destination: Remote,
  batch: readonly Relay[],
): Promise<Map<Relay, Sent>> {
  const { here, context, force } = session;
  const results = new Map<Relay, Sent>();
  const visiting = batch.filter(({ item }) => here.objects.locate(item.key) === undefined);
  const fetches = visiting.map((relay) => ({ ...relay, explicit: true, relay }));
  for (const { fetch, from } of await fetchBatch(fetches, {
    signal: context.signal,
    jobs: context.jobs,
    ignoreReserve: force,
  })) {
    if (from !== undefined) continue;
    const { relay } = fetch as (typeof fetches)[number];
    results.set(relay, new AnnexError('content-missing', 'failed to retrieve content from remote'));
  }
  const sends = batch.filter((relay) => !results.has(relay));
  const sent = await sendBatch(session, destination, sends);
  for (const relay of sends) results.set(relay, sent.get(relay) as Sent);
  for (const relay of visiting) await sendAway(session, destination, relay, results.get(relay));
  return results;
}

/** Removes a content that was here only for the journey, once another copy is locked; else it stays and is recorded. */
async function sendAway(
  session: Session,
  destination: Remote,
  relay: Relay,
  sent: Sent | undefined,
): Promise<void> {
  const { here } = session;
  const { key } = relay.item;
  const own = here.objects.lockExclusive(key);
  if (own === undefined) return;
  const arrived = !(sent instanceof AnnexError);
  const verified = await verifyCopies(session, relay.item, {
    target: here.uuid,
    wanted: { numcopies: 1, mincopies: 1 },
    countHere: false,
    held: true,
    alsoAt: arrived ? destination : relay.sources[0],
  });
  try {
    if (verified.proof === undefined) await recordLocations(here, [key], here.uuid, 'present');
    else await here.objects.remove(key, verified.proof);
  } finally {
    own.release();
    await verified.release();
  }
}
