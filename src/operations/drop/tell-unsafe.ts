import { presentLocations } from '../../domain/logs/location-log.js';
import type { ActionEnd } from '../../domain/events.js';
import type { Uuid } from '../../domain/uuid.js';
import { tellOtherPlaces, tellUnreached } from '../transfer/other-places.js';
import type { RunningAction } from '../transfer/running-action.js';
import { namesOf, type Session } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import type { VerifiedCopies } from './verify-copies.js';

/** Said where there is no other place a content could be verified at. */
export const DROP_ADVICE = 'Rather than dropping this file, try using: git annex move';

/** Tells why a content is not dropped, as git-annex does; gives what JSON lists as `wanted`. */
export function tellUnsafe(
  session: Session,
  running: RunningAction,
  item: LoggedItem,
  target: Uuid,
  verified: VerifiedCopies,
  advice: string,
): NonNullable<ActionEnd['wanted']> {
  const { shortfall } = verified;
  running.note('unsafe');
  if (shortfall !== undefined) running.longNote(sentence(shortfall, namesOf(verified.unlockable)));
  tellUnreached(running, namesOf(verified.unreached));
  const verifiedUuids = new Set(shortfall?.verified ?? []);
  const lost = session.policy.known.nodesOf(target);
  const uuids = presentLocations(item.log).filter(
    (uuid) =>
      uuid !== target &&
      !lost.has(uuid) &&
      uuid !== session.here.uuid &&
      !verifiedUuids.has(uuid) &&
      !verified.lacking.has(uuid) &&
      session.policy.trust(uuid) !== 'dead',
  );
  const wanted = tellOtherPlaces(running, {
    uuids,
    entries: session.entries,
    known: session.policy.known,
    nowhere: advice,
  });
  running.longNote('(Use --force to override this check, or adjust numcopies.)');
  return wanted;
}

function sentence(
  shortfall: NonNullable<VerifiedCopies['shortfall']>,
  unlockable: readonly string[],
): string {
  const { kind, needed, verified } = shortfall;
  if (kind === 'mincopies') {
    const copies = needed === 1 ? '1 copy' : `${needed} copies`;
    const unable = `Unable to lock down ${copies} of file necessary to safely drop it.`;
    if (unlockable.length > 0)
      return `${unable}\n\nThese remotes do not support locking: ${unlockable.join(', ')}`;
    return [
      unable,
      '(This could have happened because of a concurrent drop, or because a remote has too old a version of git-annex-shell installed.)',
    ].join('\n');
  }
  if (needed === 1) return 'Could not verify the existence of the 1 necessary copy.';
  return `Could only verify the existence of ${verified.length} out of ${needed} necessary copies.`;
}
