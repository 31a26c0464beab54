import type { ByteString } from '../../lib/bytes.js';
import { copyBetween } from '../copy/copy-between.js';
import type { Outcome } from '../context.js';
import type { Selection } from '../select/select.js';
import { checkedEnds, type GivenEnds } from '../transfer/given-ends.js';
import type { Session } from '../transfer/session.js';
import { moveFrom } from './move-from.js';
import { moveTo } from './move-to.js';

/** Makes contents leave one repository for another: `move`. */
export async function move(session: Session, selection: Selection, request: GivenEnds): Promise<Outcome> {
  const { from, to } = checkedEnds(session, request);
  if (to === undefined || to === ('here' as ByteString)) return moveFrom(session, selection, from);
  if (from === undefined && !request.fromAnywhere) return moveTo(session, selection, to);
  return copyBetween(session, selection, { from, to, auto: false, move: true });
}
