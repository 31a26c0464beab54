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

/** One byte as an escape of C's strings: by its letter where it has one, else in octal. */
export function cEscape(char: string): string {
  return NAMED[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`;
}
