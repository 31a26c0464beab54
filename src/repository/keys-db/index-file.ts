import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';

/** A regular file (or anything else that is asked for) in git's index. */
export interface IndexEntry {
  readonly mode: number;
  /** Lower case hex. */
  readonly sha: ByteString;
  readonly path: ByteString;
  /** 0, or 1 to 3 in a conflict. */
  readonly stage: number;
  /** Where the entry begins in the file, in bytes. */
  readonly offset: number;
}

const STAT_BYTES = 40;
const MODE = 24;
const EXTENDED = 0x4000;
const STAGE = 0x3000;
const NAME_LENGTH = 0x0fff;

/**
 * The entries of an index whose mode `wanted` accepts, in its order (git: index-format). Undefined for what is not read
 * here: a split or sparse index, another version than 2 to 4, anything malformed. `hashBytes` is 20, or 32 for SHA-256.
 */
export function readIndexEntries(
  index: Buffer,
  hashBytes: number,
  wanted: (mode: number, offset: number) => boolean,
): IndexEntry[] | undefined {
  if (index.length < 12 + hashBytes || index.toString('latin1', 0, 4) !== 'DIRC') return undefined;
  const version = index.readUInt32BE(4);
  if (version < 2 || version > 4) return undefined;
  const count = index.readUInt32BE(8);
  const end = index.length - hashBytes;
  const entries: IndexEntry[] = [];
  let at = 12;
  let name: Buffer = Buffer.alloc(0);
  for (let i = 0; i < count; i++) {
    const offset = at;
    if (at + STAT_BYTES + hashBytes + 4 > end) return undefined;
    const mode = index.readUInt32BE(at + MODE);
    const flags = index.readUInt16BE(at + STAT_BYTES + hashBytes);
    let start = at + STAT_BYTES + hashBytes + 2 + (version > 2 && (flags & EXTENDED) !== 0 ? 2 : 0);
    if (version === 4) {
      let strip = 0;
      for (let first = true; ; first = false) {
        const byte = index[start++];
        if (byte === undefined) return undefined;
        strip = first ? byte & 0x7f : ((strip + 1) << 7) | (byte & 0x7f);
        if (byte < 0x80) break;
      }
      const stop = index.indexOf(0, start);
      if (stop < 0 || stop > end || strip > name.length) return undefined;
      name = Buffer.concat([name.subarray(0, name.length - strip), index.subarray(start, stop)]);
      at = stop + 1;
    } else {
      const short = flags & NAME_LENGTH;
      const stop = short < NAME_LENGTH ? start + short : index.indexOf(0, start);
      if (stop < 0 || stop > end) return undefined;
      name = index.subarray(start, stop);
      at = offset + (Math.floor((stop - offset) / 8) + 1) * 8;
    }
    if (!wanted(mode, offset)) continue;
    entries.push({
      mode,
      sha: index.toString('hex', offset + STAT_BYTES, offset + STAT_BYTES + hashBytes) as ByteString,
      path: name.toString('latin1') as ByteString,
      stage: (flags & STAGE) >> 12,
      offset,
    });
  }
  return hasForeignExtension(index, at, end) ? undefined : entries;
}

/** Split (`link`) and sparse (`sdir`) indexes keep entries elsewhere or not at all. */
function hasForeignExtension(index: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    if (at + 8 > end) return true;
    const signature = index.toString('latin1', at, at + 4);
    if (signature === 'link' || signature === 'sdir') return true;
    at += 8 + index.readUInt32BE(at + 4);
  }
  return false;
}

/** Whether the checksum at the end is right. Zeros (`index.skipHash`) are right too. */
export function isIntact(index: Buffer, hashBytes: number): boolean {
  const sum = index.subarray(index.length - hashBytes);
  return sum.every((byte) => byte === 0) || sum.equals(checksum(index, hashBytes));
}

/**
 * Writes into an entry what git remembers of a file's state, so that git takes it for unmodified. Nothing else
 * of the index changes: `sealIndex` must follow.
 */
export function setEntryStat(index: Buffer, offset: number, stat: BigIntStats): void {
  const words = [
    ...[stat.ctimeNs / BILLION, stat.ctimeNs % BILLION, stat.mtimeNs / BILLION, stat.mtimeNs % BILLION],
    ...[stat.dev, stat.ino],
  ];
  for (const [i, word] of words.entries()) index.writeUInt32BE(low32(word), offset + 4 * i);
  for (const [i, word] of [stat.uid, stat.gid, stat.size].entries()) {
    index.writeUInt32BE(low32(word), offset + MODE + 4 + 4 * i);
  }
}

const BILLION = 1_000_000_000n;

const MTIME = 8;
const SIZE = 36;

/**
 * An index that is written anew looks younger than before, and git trusts entries older than the index. An entry that
 * was not older than the index before gets size 0, as git does it: then git compares the file's content.
 * @param written seconds since 1970 at which the index was last written
 */
export function distrustIfRecent(index: Buffer, offset: number, written: number): void {
  if (index.readUInt32BE(offset + MTIME) >= written) index.writeUInt32BE(0, offset + SIZE);
}

/** Makes the checksum at the end of a changed index right again. */
export function sealIndex(index: Buffer, hashBytes: number): void {
  const sum = index.subarray(index.length - hashBytes);
  if (!sum.every((byte) => byte === 0)) checksum(index, hashBytes).copy(sum);
}

function checksum(index: Buffer, hashBytes: number): Buffer {
  const algorithm = hashBytes === 20 ? 'sha1' : 'sha256';
  return createHash(algorithm)
    .update(index.subarray(0, index.length - hashBytes))
    .digest();
}

function low32(word: bigint): number {
  return Number(BigInt.asUintN(32, word));
}
