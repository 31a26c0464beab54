import type { ByteString } from '../../lib/bytes.js';

/** A branch path as the name of its journal file: `/` is `_`, and `_` is `__`. */
export function journalName(path: ByteString): ByteString {
  return path.replace(/[_/]/g, (char) => (char === '/' ? '_' : '__')) as ByteString;
}

/** The branch path a journal file is for. */
export function journalPath(name: ByteString): ByteString {
  return name.replace(/__|_/g, (found) => (found === '_' ? '/' : '_')) as ByteString;
}
