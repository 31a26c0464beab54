import type { ByteString } from '../lib/bytes.js';

/** Text that takes the place of all that is on the terminal (ANSI: cursor to the top, erase to the end). */
export function redraw(text: ByteString): ByteString {
  return `\u001b[H\u001b[J${text}` as ByteString;
}
