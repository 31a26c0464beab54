import type { ByteString } from '../../lib/bytes.js';

/** An absolute path as seen from an absolute folder: `../.git/annex`; `.` for the folder itself. Both are normalized. */
export function relativePath(folder: ByteString, path: ByteString): ByteString {
  const from = folder.split('/').filter((part) => part !== '');
  const to = path.split('/').filter((part) => part !== '');
  let common = 0;
  while (common < from.length && common < to.length && from[common] === to[common]) common++;
  const parts = [...from.slice(common).map(() => '..'), ...to.slice(common)];
  return (parts.length === 0 ? '.' : parts.join('/')) as ByteString;
}
