import type { ByteString } from '../lib/bytes.js';

/**
 * MD5 (RFC 1321) of byte strings of any length, without allocation per call for short ones. Used where git-annex uses
 * MD5 to spread names, never for integrity. Not a library because a hash of 100 bytes is made for every key twice, and
 * the ones for JS spend most of their time on setup.
 */
const shifts = new Uint8Array([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]);
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);
const block = new Int32Array(16);
const state = new Int32Array(4);

/** The four little-endian 32-bit words of the digest; the array is reused by the next call. */
export function md5Words(bytes: ByteString): Int32Array {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89 | 0;
  state[2] = 0x98badcfe | 0;
  state[3] = 0x10325476;
  const length = bytes.length;
  let offset = 0;
  for (; offset + 64 <= length; offset += 64) {
    for (let word = 0; word < 16; word++) {
      const at = offset + word * 4;
      block[word] =
        bytes.charCodeAt(at) |
        (bytes.charCodeAt(at + 1) << 8) |
        (bytes.charCodeAt(at + 2) << 16) |
        (bytes.charCodeAt(at + 3) << 24);
    }
    mixBlock();
  }
  finish(bytes, offset);
  return state;
}

/** The digest as 32 lower case hex digits. */
export function md5Hex(bytes: ByteString): ByteString {
  const words = md5Words(bytes);
  let hex = '';
  for (let i = 0; i < 4; i++) hex += wordHex(words[i] as number);
  return hex as ByteString;
}

/** A little-endian word as the 8 hex digits of its bytes. */
export function wordHex(word: number): string {
  const swapped =
    ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | ((word >>> 24) & 0xff);
  return (swapped >>> 0).toString(16).padStart(8, '0');
}

function finish(bytes: ByteString, offset: number): void {
  const length = bytes.length;
  block.fill(0);
  for (let i = offset; i < length; i++) setByte(i - offset, bytes.charCodeAt(i));
  setByte(length - offset, 0x80);
  if (length - offset >= 56) {
    mixBlock();
    block.fill(0);
  }
  block[14] = length << 3;
  block[15] = Math.floor(length / 2 ** 29);
  mixBlock();
}

function setByte(index: number, byte: number): void {
  block[index >> 2] = (block[index >> 2] as number) | (byte << ((index & 3) << 3));
}

function mixBlock(): void {
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  for (let i = 0; i < 64; i++) {
    let mixed: number;
    let word: number;
    if (i < 16) {
      mixed = (b & c) | (~b & d);
      word = i;
    } else if (i < 32) {
      mixed = (d & b) | (~d & c);
      word = (5 * i + 1) & 15;
    } else if (i < 48) {
      mixed = b ^ c ^ d;
      word = (3 * i + 5) & 15;
    } else {
      mixed = c ^ (b | ~d);
      word = (7 * i) & 15;
    }
    const sum = (a + mixed + (sines[i] as number) + (block[word] as number)) | 0;
    const shift = shifts[((i >> 4) << 2) | (i & 3)] as number;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
}
