import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Session } from './session.js';

/** Between which repositories the user said to move contents. */
export interface GivenEnds {
  readonly from: ByteString | undefined;
  readonly to: ByteString | undefined;
  readonly fromAnywhere: boolean;
}

const HERE = 'here' as ByteString;

/**
 * Checks `--from` and `--to` as git-annex does: one is needed, and `here` may only be a destination that stands alone.
 * Throws `usage` or `unknown-remote`.
 */
export function checkedEnds(
  session: Session,
  { from, to, fromAnywhere }: GivenEnds,
): Pick<GivenEnds, 'from' | 'to'> {
  if (from === undefined && to === undefined) throw new AnnexError('usage', 'Specify --from or --to');
  if (from !== undefined) session.remote(from);
  if (to !== undefined && (to !== HERE || from !== undefined || fromAnywhere)) session.remote(to);
  return { from, to };
}
