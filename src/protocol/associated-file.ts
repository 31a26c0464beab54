import type { ByteString } from '../lib/bytes.js';

/**
 * A file name as a word of a protocol line: `%` is doubled, and each whitespace becomes a single `%`, so that which one it
 * was is lost. (Seen in what git-annex sends.)
 */
export function escapeFile(file: ByteString): ByteString {
  return file.replaceAll('%', '%%').replaceAll(/[ \t\n\v\f\r]/g, '%') as ByteString;
}

/** The file name again; whitespace of any kind comes back as spaces. */
export function unescapeFile(word: ByteString): ByteString {
  return word.replaceAll(/%%?/g, (found) => (found === '%%' ? '%' : ' ')) as ByteString;
}
