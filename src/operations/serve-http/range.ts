/** Bytes `start` to `end`, the last not included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The part of a content of `size` bytes that a Range header asks for (RFC 9110, 14.2). Undefined: all of it, since the
 * header is absent, of another unit, cannot be read, or asks for several parts; `unsatisfiable`: nothing of it exists.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = header === undefined ? null : /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header);
  if (match === null) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size } : 'unsatisfiable';
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(size, Number(last) + 1) };
}
