import { createHash, randomBytes, randomFillSync } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { formatKey, type KeyParts } from '../../domain/key.js';
import { toPath } from '../../lib/buffers.js';
import { ascii, type ByteString, fromText } from '../../lib/bytes.js';
import type { TestContent } from './case.js';

/** By the end of their names git-annex's test keys, and these, can be told from all others. */
const MARK = '.this-is-a-test-key';

/** How much random content is made and hashed at once. */
const PIECE = 1 << 20;

/** What key a content gets. */
export interface ContentPlan {
  /** In bytes. */
  readonly size: number;
  readonly kind: KeyKind;
}

export type KeyKind = 'usual' | 'without size' | 'with odd characters';

/**
 * Makes random content in a folder, and a key for it like those of git-annex's tests: `SHA256E-sSIZE--HASH.this-is-a-test-key`.
 * No other content has that key, since no other content has that hash.
 */
export function makeContent(folder: ByteString, { size, kind }: ContentPlan): TestContent {
  const original = `${folder}/${randomBytes(8).toString('hex')}` as ByteString;
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(Math.min(size, PIECE));
  const file = openSync(toPath(original), 'wx', 0o600);
  try {
    for (let made = 0; made < size; ) {
      const part = randomFillSync(piece.subarray(0, Math.min(PIECE, size - made)));
      hash.update(part);
      for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
      made += part.length;
    }
  } finally {
    closeSync(file);
  }
  return { key: formatKey(partsOf(kind, size, hash.digest('hex'))), size, original };
}

function partsOf(kind: KeyKind, size: number, hash: string): KeyParts {
  const named = (name: string) => fromText(`${name}${MARK}`);
  if (kind === 'without size') return { backend: ascii('SHA256E'), name: named(hash) };
  if (kind === 'usual') return { backend: ascii('SHA256E'), size, name: named(hash) };
  // WORM keys hold what a file was called; this one can't be told by its hash, so the name must make it unique.
  return { backend: ascii('WORM'), size, mtime: 1, name: named(`${hash}-a%b&c:d,e+f=g~é`) };
}
