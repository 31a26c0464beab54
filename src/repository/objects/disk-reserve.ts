import { statfsSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { AnnexError } from '../../domain/errors.js';

/** Bytes that `annex.diskreserve` keeps free when it is not set. */
export const DEFAULT_RESERVE = 100_000_000;

/** Throws `AnnexError('disk-reserve')` when `bytes` more would leave less than `reserve` bytes free for this user. */
export function checkReserve(directory: ByteString, bytes: number, reserve: number): void {
  const { bavail, bsize } = statfsSync(toPath(directory));
  const missing = bytes + reserve - bavail * bsize;
  if (missing <= 0) return;
  throw new AnnexError(
    'disk-reserve',
    `not enough free space, need ${roughly(missing)} more (use --force to override this check or adjust annex.diskreserve)`,
  );
}

/** A size as git-annex's messages give it: two decimals at most, powers of 1000. */
function roughly(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toFixed(2))} ${units[unit]}`;
}
