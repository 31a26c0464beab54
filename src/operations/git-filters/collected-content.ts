import { closeSync, createReadStream, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Hasher } from '../../repository/objects/hashers.js';

/** A content that git sent, in memory while it is small, else in a file that nobody else knows. */
export interface CollectedContent {
  /** In bytes. */
  readonly size: number;
  /** The whole content when it is small. */
  readonly small: Buffer | undefined;
  /** The content from its start. */
  chunks(): AsyncIterable<Buffer> | Iterable<Buffer>;
  /** Makes it a file of its own at the path. */
  saveAs(path: ByteString): void;
  /** Deletes what is left. */
  discard(): void;
}

/** Bytes kept in memory. */
const SMALL = 8 << 20;

/**
 * Collects a content, hashing it on the way.
 * @param scratch gives the name of a file, when one is needed
 */
export async function collectContent(
  source: AsyncIterable<Buffer>,
  scratch: () => ByteString,
  hasher: Pick<Hasher, 'update'> | undefined,
): Promise<CollectedContent> {
  const pieces: Buffer[] = [];
  let size = 0;
  let spill: { readonly path: ByteString; readonly file: number } | undefined;
  try {
    for await (const piece of source) {
      hasher?.update(piece);
      size += piece.length;
      pieces.push(piece);
      if (size <= SMALL) continue;
      spill ??= openSpill(scratch());
      for (const part of pieces.splice(0)) writeAll(spill.file, part);
    }
  } catch (error) {
    if (spill !== undefined) rmSync(toPath(spill.path), { force: true });
    throw error;
  } finally {
    if (spill !== undefined) closeSync(spill.file);
  }
  return spill === undefined ? inMemory(Buffer.concat(pieces)) : inFile(spill.path, size);
}

function openSpill(path: ByteString): { path: ByteString; file: number } {
  return { path, file: openSync(toPath(path), 'wx', 0o666) };
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function inMemory(content: Buffer): CollectedContent {
  return {
    size: content.length,
    small: content,
    chunks: () => [content],
    saveAs: (path) => writeFileSync(toPath(path), content),
    discard: () => undefined,
  };
}

function inFile(path: ByteString, size: number): CollectedContent {
  return {
    size,
    small: undefined,
    chunks: () => createReadStream(toPath(path)) as AsyncIterable<Buffer>,
    saveAs: (place) => renameSync(toPath(path), toPath(place)),
    discard: () => rmSync(toPath(path), { force: true }),
  };
}
