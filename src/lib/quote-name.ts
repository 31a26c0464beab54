import { type ByteString, isAscii } from './bytes.js';
import { cEscape } from './c-escape.js';

/**
 * A file name as git shows it in messages: in double quotes with C escapes when it holds a control character, a quote
 * or a backslash, and with `core.quotePath` also when it holds a byte above 127.
 */
export function quoteName(name: ByteString, quotePath: () => boolean): ByteString {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  const always = /[\x00-\x1f"\\\x7f]/g;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  const also = /[\x00-\x1f"\\\x7f-\xff]/g;
  const special = !isAscii(name) && quotePath() ? also : always;
  if (name.search(special) < 0) return name;
  const escaped = name.replace(special, cEscape);
  return `"${escaped}"` as ByteString;
}
