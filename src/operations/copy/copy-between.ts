import { AnnexError } from '../../domain/errors.js';
import { isClusterUuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Remote } from '../../remotes/remote.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Outcome } from '../context.js';
import { dropMoved, type Moved } from '../move/drop-after-move.js';
import { openMoveLog } from '../move/move-log.js';
import { actionOf } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { type Relay, relayBatch } from '../transfer/relay.js';
import { lockedBatchLimits, selectedBatches } from '../transfer/selected-batches.js';
import { createRunningAction } from '../transfer/running-action.js';
import { presenceOn } from '../transfer/send.js';
import {
  assertWritable,
  outcomeOf,
  placesToTry,
  remotesWith,
  type Session,
  type Tally,
} from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';

export interface BetweenRequest {
  /** Undefined: from here and from every remote (`--from-anywhere`). */
  readonly from: ByteString | undefined;
  readonly to: ByteString;
  /** Whether the contents leave their source. */
  readonly move: boolean;
  readonly auto: boolean;
}

/** Brings contents from remotes to another remote: `copy` and `move` with both `--from` and `--to`. */
export async function copyBetween(
  session: Session,
  selection: Selection,
  request: BetweenRequest,
): Promise<Outcome> {
  const source = request.from === undefined ? undefined : session.remote(request.from);
  const destination = session.remote(request.to);
  assertWritable(destination);
  if (source !== undefined && request.move) assertWritable(source);
  const tally: Tally = { failed: 0 };
  for await (const batch of selectedBatches(session, selection, lockedBatchLimits(selection))) {
    const relays = await choose(session, selection, batch, request, { source, destination });
    tally.failed += await bring(session, relays, request, { source, destination });
  }
  return outcomeOf(session, selection, tally);
}

interface Ends {
  readonly source: Remote | undefined;
  readonly destination: Remote;
}

async function choose(
  session: Session,
  selection: Selection,
  batch: readonly LoggedItem[],
  request: BetweenRequest,
  { source, destination }: Ends,
): Promise<Relay[]> {
  const wanted = request.auto ? await session.policy.wantedBy(destination.uuid, batch) : undefined;
  const seen = new Set<string>();
  const relays: Relay[] = [];
  for (const [i, item] of batch.entries()) {
    const recorded = placesToTry(session, item.log);
    const here = session.here.objects.locate(item.key) !== undefined;
    // A cluster's nodes are remotes, too.
    const others = remotesWith(session.automatic, recorded).filter(
      ({ uuid }) => uuid !== destination.uuid && !isClusterUuid(uuid),
    );
    const sources = source === undefined ? others : recorded.has(source.uuid) ? [source] : [];
    const available = sources.length > 0 || (source === undefined && here);
    const useful =
      available && !seen.has(item.key) && wanted?.[i] !== false && source?.uuid !== destination.uuid;
    seen.add(item.key);
    if (!useful) selection.nothingFor(item);
    else if (session.limits.admits(item.key)) {
      const command = request.move ? 'move' : 'copy';
      relays.push({
        item,
        sources,
        running: createRunningAction(actionOf(command, item), session.context.emit),
      });
    }
  }
  return relays;
}

async function bring(
  session: Session,
  relays: readonly Relay[],
  request: BetweenRequest,
  { source, destination }: Ends,
): Promise<number> {
  const { here, context } = session;
  const presence = await presenceOn(session, destination, relays);
  const missing = relays.filter((relay) => presence.get(relay) === 'absent');
  const log = openMoveLog(here.annexDir, context.signal);
  const from = source?.uuid ?? here.uuid;
  const keys = relays.map(({ item }) => item.key);
  const resumed = request.move ? await log.begun(from, destination.uuid, keys) : new Set();
  const begun = request.move ? missing.map(({ item }) => item.key) : [];
  await log.begin(from, destination.uuid, begun);
  const sent = await relayBatch(session, destination, missing);
  const present = relays.filter((relay) => presence.get(relay) === 'present');
  await recordLocations(
    here,
    present.map(({ item }) => item.key),
    destination.uuid,
    'present',
  );
  const moved: (Moved & { readonly relay: Relay })[] = [];
  let failed = 0;
  for (const relay of relays) {
    const { item, running } = relay;
    const checked = presence.get(relay);
    const result = sent.get(relay);
    if (checked instanceof AnnexError) running.note(`unable to check ${toText(destination.name)}`);
    if (result instanceof AnnexError) running.failure(result);
    if (checked instanceof AnnexError || result instanceof AnnexError) {
      running.end(false);
      failed++;
    } else if (request.move) {
      moved.push({ item, running, relay, startedWithCopy: checked === 'present' && !resumed.has(item.key) });
    } else if (checked === 'absent') {
      running.end(true);
    }
  }
  failed += await leaveSources(session, moved, { source, destination });
  if (request.move) await log.end(from, destination.uuid, keys);
  return failed;
}

/** From a named source, or from everywhere: the first drop replaces the copy that was made, further ones are checked. */
async function leaveSources(
  session: Session,
  moved: readonly (Moved & { readonly relay: Relay })[],
  { source, destination }: Ends,
): Promise<number> {
  if (moved.length === 0) return 0;
  if (source !== undefined) return dropMoved(session, moved, { source, destination });
  let failed = 0;
  for (const one of moved) failed += await leaveEverywhere(session, one, destination);
  return failed;
}

async function leaveEverywhere(
  session: Session,
  one: Moved & { readonly relay: Relay },
  destination: Remote,
): Promise<number> {
  const { item, running } = one;
  const here = session.here.objects.locate(item.key) !== undefined;
  const sources = [...(here ? [undefined] : []), ...one.relay.sources.filter(({ readonly }) => !readonly)];
  const outcomes: boolean[] = [];
  const silent = { ...running, end: (success: boolean) => void outcomes.push(success) };
  let { startedWithCopy } = one;
  for (const source of sources) {
    await dropMoved(session, [{ item, running: silent, startedWithCopy }], { source, destination });
    startedWithCopy = true;
  }
  const ok = outcomes.every((success) => success);
  running.end(ok);
  return ok ? 0 : 1;
}
