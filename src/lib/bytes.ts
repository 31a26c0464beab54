declare const byteString: unique symbol;

/**
 * Bytes held in a JS string with one char (0-255) per byte, so that they are compact, comparable in byte order and
 * usable as map keys. File names, keys, uuids and log contents are byte strings. Convert only at the edges.
 */
export type ByteString = string & { readonly [byteString]: true };

/** Brands a string that is known to be ASCII (a literal, a number, a hex digest). */
export function ascii(text: string): ByteString {
  return text as ByteString;
}

/** The UTF-8 bytes of a JS string (argv, user input, a description). */
export function fromText(text: string): ByteString {
  return isAscii(text) ? (text as ByteString) : fromUint8Array(new TextEncoder().encode(text));
}

/** The text of UTF-8 bytes; bytes that are not UTF-8 become U+FFFD. For people, never to be converted back. */
export function toText(bytes: ByteString): string {
  return isAscii(bytes) ? bytes : new TextDecoder('utf-8', { ignoreBOM: true }).decode(toUint8Array(bytes));
}

export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
  return /^[\x00-\x7f]*$/.test(text);
}

/** Concatenation that keeps the brand. */
export function concat(...parts: ByteString[]): ByteString {
  return parts.join('') as ByteString;
}

/** The bytes of an array, without Node (see `buffers.ts` for the fast way on Node). */
export function fromUint8Array(array: Uint8Array): ByteString {
  const pieces: string[] = [];
  for (let i = 0; i < array.length; i += 8192)
    pieces.push(String.fromCharCode(...array.subarray(i, i + 8192)));
  return pieces.join('') as ByteString;
}

/** An array with the bytes of the string. */
export function toUint8Array(bytes: ByteString): Uint8Array {
  return Uint8Array.from(bytes, (char) => char.charCodeAt(0));
}
