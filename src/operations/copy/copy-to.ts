import { AnnexError } from '../../domain/errors.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Remote, TransferRequest } from '../../remotes/remote.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Outcome } from '../context.js';
import { actionOf } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { selectedBatches } from '../transfer/selected-batches.js';
import { createRunningAction } from '../transfer/running-action.js';
import { presenceOn, type Send, sendBatch } from '../transfer/send.js';
import { assertWritable, outcomeOf, type Session, type Tally } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';

export interface CopyToRequest {
  readonly to: ByteString;
  /** Only what lacks copies or is wanted there. */
  readonly auto: boolean;
  /** Believes the location log instead of asking the remote. */
  readonly fast: boolean;
}

/** Sends contents that are here to a remote that lacks them: `copy --to`. */
export async function copyTo(
  session: Session,
  selection: Selection,
  request: CopyToRequest,
): Promise<Outcome> {
  const remote = session.remote(request.to);
  assertWritable(remote);
  const tally: Tally = { failed: 0 };
  /** Paused by the user, one by one: they do not keep the others waiting. */
  const paused: LoggedItem[] = [];
  for await (const batch of selectedBatches(session, selection)) {
    const chosen = await choose(session, selection, batch, request, remote);
    tally.failed += await copyBatch(session, remote, chosen, request.fast, paused);
  }
  if (session.limits.timeLeft()) tally.failed += await copyBatch(session, remote, paused, true);
  return outcomeOf(session, selection, tally);
}

async function choose(
  session: Session,
  selection: Selection,
  batch: readonly LoggedItem[],
  request: CopyToRequest,
  remote: Remote,
): Promise<LoggedItem[]> {
  const wanted = request.auto ? await session.policy.wantedBy(remote.uuid, batch) : undefined;
  const seen = new Set<string>();
  return batch.filter((item, i) => {
    const places = session.policy.known.withClusters(presentLocations(item.log));
    const recorded = places.includes(remote.uuid);
    const here = session.here.objects.locate(item.key) !== undefined;
    const useful = here && !seen.has(item.key) && !(request.fast && recorded) && wanted?.[i] !== false;
    seen.add(item.key);
    if (!useful) selection.nothingFor(item);
    return useful && session.limits.admits(item.key);
  });
}

/**
 * @param paused is given those that wait because the user paused their transfer; undefined: they are waited for
 * @returns the number that failed
 */
async function copyBatch(
  session: Session,
  remote: Remote,
  items: readonly LoggedItem[],
  fast: boolean,
  paused?: LoggedItem[],
): Promise<number> {
  const sends = items.map((item): Send & { item: LoggedItem } => ({
    item,
    running: createRunningAction(actionOf('copy', item), session.context.emit),
  }));
  const presence = fast ? new Map() : await presenceOn(session, remote, sends);
  const missing = sends.filter((send) => fast || presence.get(send) === 'absent');
  const leaves = ({ key }: TransferRequest) => paused !== undefined && session.steering.pausedKey(key);
  const sent = await sendBatch(session, remote, missing, leaves);
  const unrecorded = sends.filter(
    (send) => presence.get(send) === 'present' && !presentLocations(send.item.log).includes(remote.uuid),
  );
  await recordLocations(
    session.here,
    unrecorded.map(({ item }) => item.key),
    remote.uuid,
    'present',
  );
  let failed = 0;
  for (const send of sends) {
    const checked = presence.get(send);
    const result = sent.get(send);
    if (result instanceof AnnexError && result.code === 'transfer-deferred') {
      paused?.push(send.item);
      continue;
    }
    if (checked instanceof AnnexError) send.running.note(`unable to check ${toText(remote.name)}`);
    if (result instanceof AnnexError) send.running.failure(result);
    const ok = !(checked instanceof AnnexError) && !(result instanceof AnnexError);
    send.running.end(ok);
    if (!ok) failed++;
  }
  return failed;
}
