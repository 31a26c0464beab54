import type { ByteString } from './bytes.js';

/** One word for a POSIX shell, quoted as git and git-annex do. */
export function shellQuote(word: ByteString): ByteString {
  return `'${word.replaceAll("'", `'"'"'`)}'` as ByteString;
}
