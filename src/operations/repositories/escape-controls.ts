import type { ByteString } from '../../lib/bytes.js';

const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

/** Control characters as C escapes, so that what others wrote into a log is safe on a terminal and stays on its line. */
export function escapeControls(bytes: ByteString): ByteString {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  const control = /[\x00-\x1f\x7f]/g;
  return bytes.replace(
    control,
    (char) => NAMED[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  ) as ByteString;
}
