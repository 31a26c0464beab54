import type { Message } from '../domain/events.js';
import { type ByteString, isAscii, toText } from '../lib/bytes.js';

const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

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
  const escaped = name.replace(special, (char) => NAMED[char] ?? octal(char));
  return `"${escaped}"` as ByteString;
}

function octal(char: string): string {
  return `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

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
