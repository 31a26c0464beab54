import { describe, expect, it } from 'vitest';
import type { ByteString } from '../../src/lib/bytes.js';
import { ascii } from '../../src/lib/bytes.js';
import { fillFormat, parseFormat } from '../../src/lib/format-string.js';

function fill(format: string, values: Readonly<Record<string, string>>): string {
  return fillFormat(parseFormat(ascii(format)), (name) => values[name] as ByteString | undefined);
}

describe('format strings', () => {
  // Recorded from `git annex find --format` with a UTF-8 locale, where widths count characters.
  it('fills what git-annex fills', () => {
    const file = 'w"e i\\rd\n\xc3\xa9';
    expect(fill('${escaped_file}|${file;14}|${file;-14}|${nosuch}|', { file })).toBe(
      `w\\"e\\040i\\\\rd\\n\\303\\251|    ${file}|${file}    ||`,
    );
  });

  it('reads escapes as git-annex reads them', () => {
    expect(fill('\\t|\\x41|\\101|\\000|\\q|$${a}|${file', { a: 'A' })).toBe('\t|A|A|\0|q|$A|${file');
    expect(fill('\\\\n|\\e|\\a\\b\\f\\r\\v\\"|\\12|\\1234|\\x4g', {})).toBe('\\n|e|\x07\b\f\r\v"|12|S4|x4g');
  });
});
