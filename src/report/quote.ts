import type { Message } from '../domain/events.js';
import { type ByteString, toText } from '../lib/bytes.js';

/** Text for people, safe to print: control characters other than line breaks and tabs become escapes. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
  return text.replace(control, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** A message as text, the names in it as `show` gives them. */
export function messageText(message: Message, show: (name: ByteString) => ByteString): string {
  return message.map((part) => (typeof part === 'string' ? part : toText(show(part.name)))).join('');
}
