/** Names of the control characters in Haskell's string literals. */
const names =
  'NUL SOH STX ETX EOT ENQ ACK a b t n v f r SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

/** A Haskell string literal of code points, as `show` writes it. */
export function showText(codes: Iterable<number>): string {
  let text = '';
  for (const code of codes) {
    const next = showCode(code);
    const digits = /\\\d+$/.test(text) && /^\d/.test(next);
    const soh = text.endsWith('\\SO') && next === 'H';
    text += digits || soh ? `\\&${next}` : next;
  }
  return `"${text}"`;
}

function showCode(code: number): string {
  if (code === 0x22) return '\\"';
  if (code === 0x5c) return '\\\\';
  if (code === 0x7f) return '\\DEL';
  if (code < 0x20) return `\\${names[code]}`;
  return code < 0x7f ? String.fromCharCode(code) : `\\${code}`;
}

/** Reads a literal that starts at an offset; undefined when there is none. Gives where it ends. */
export function readText(source: string, start: number): { codes: number[]; end: number } | undefined {
  if (source.charAt(start) !== '"') return undefined;
  const codes: number[] = [];
  for (let i = start + 1; i < source.length; ) {
    const char = source.charAt(i);
    if (char === '"') return { codes, end: i + 1 };
    if (char !== '\\') {
      codes.push(char.charCodeAt(0));
      i++;
      continue;
    }
    const found = readEscape(source.slice(i + 1, i + 12));
    if (found === undefined) return undefined;
    if (found.code !== undefined) codes.push(found.code);
    i += 1 + found.length;
  }
  return undefined;
}

function readEscape(rest: string): { code: number | undefined; length: number } | undefined {
  if (rest.startsWith('&')) return { code: undefined, length: 1 };
  if (rest.startsWith('"') || rest.startsWith('\\')) return { code: rest.charCodeAt(0), length: 1 };
  if (rest.startsWith('DEL')) return { code: 0x7f, length: 3 };
  const digits = /^\d{1,7}/.exec(rest)?.[0];
  if (digits !== undefined) return { code: Number(digits), length: digits.length };
  const found = names
    .map((name, code) => ({ code, length: name.length, name }))
    .filter(({ name }) => rest.startsWith(name))
    .sort((a, b) => b.length - a.length)[0];
  return found === undefined ? undefined : { code: found.code, length: found.length };
}
