import type { ByteString } from '../../lib/bytes.js';
import { cEscape } from '../../lib/c-escape.js';

/** Control characters as C escapes, so that what others wrote into a log is safe on a terminal and stays on its line. */
export function escapeControls(bytes: ByteString): ByteString {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  const control = /[\x00-\x1f\x7f]/g;
  return bytes.replace(control, cEscape) as ByteString;
}
