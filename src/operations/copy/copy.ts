import type { ByteString } from '../../lib/bytes.js';
import type { Outcome } from '../context.js';
import { get } from '../get/get.js';
import type { Selection } from '../select/select.js';
import { checkedEnds, type GivenEnds } from '../transfer/given-ends.js';
import type { Session } from '../transfer/session.js';
import { copyBetween } from './copy-between.js';
import { copyTo } from './copy-to.js';

export interface CopyRequest extends GivenEnds {
  readonly auto: boolean;
  readonly fast: boolean;
}

/** Makes a remote, or this repository, have contents that another has: `copy`. */
export async function copy(session: Session, selection: Selection, request: CopyRequest): Promise<Outcome> {
  const { auto, fast } = request;
  const { from, to } = checkedEnds(session, request);
  if (to === undefined || to === ('here' as ByteString))
    return get(session, selection, { command: 'copy', from, auto });
  if (from === undefined && !request.fromAnywhere) return copyTo(session, selection, { to, auto, fast });
  return copyBetween(session, selection, { from, to, auto, move: false });
}
