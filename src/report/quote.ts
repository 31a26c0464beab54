import { type ByteString, isAscii } from '../lib/bytes.js';

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
export function quoteName(name: ByteString, quotePath: boolean): ByteString {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  const special = quotePath ? /[\x00-\x1f"\\\x7f-\xff]/g : /[\x00-\x1f"\\\x7f]/g;
  if (!special.test(name)) return name;
  const escaped = name.replace(
    special,
    (char) => NAMED[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `"${escaped}"` as ByteString;
}

/** Text for people, safe to print: control characters other than line breaks and tabs become escapes. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
  if (isAscii(text) && !control.test(text)) return text;
  return text.replace(control, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
