import { AnnexError } from '../../domain/errors.js';
import { formatKey, type Key, parseKey } from '../../domain/key.js';
import { keyName } from '../../domain/key-name.js';
import { type ByteString, toText } from '../../lib/bytes.js';

/** The key that a word spells, or the URL key of a url. Throws `invalid-key`, worded as git-annex does. */
export function keyOrUrlKey(word: ByteString): Key {
  const key = parseKey(word);
  if (key !== undefined) return key;
  if (!isUrl(word)) throw new AnnexError('invalid-key', `bad key/url ${toText(word)}`);
  return formatKey({ backend: 'URL' as ByteString, name: keyName(word) });
}

/** A scheme, then what RFC 3986 allows. */
function isUrl(word: ByteString): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9+.-]*:/.test(word) &&
    /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/.test(word)
  );
}
