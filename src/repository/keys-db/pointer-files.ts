import { readFileSync, statSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { parsePointer } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Git } from '../git/git.js';
import { readIndexEntries } from './index-file.js';

/** Unlocked files in the index: for each key the paths, relative to the top. */
export type PointerFiles = ReadonlyMap<Key, readonly ByteString[]>;

export interface PointerFileList {
  /** As the index is now; read again only after it has changed. */
  current(): Promise<PointerFiles>;
}

/** Shorter than any pointer, so that no blob of this size need be read. */
const SHORTEST_POINTER = '/annex/objects/X--'.length;

/**
 * A pointer may have 32 KiB, but what makes one that long are further lines that nobody writes. Reading all files of
 * that size which are in git itself would cost much more than it could find.
 */
const LONGEST_POINTER = 2048;

export function createPointerFileList(indexPath: ByteString, git: Git, hashBytes: number): PointerFileList {
  const keysOfBlobs = new Map<ByteString, Key | undefined>();
  let state: string | undefined;
  let files: PointerFiles = new Map();

  async function read(): Promise<PointerFiles> {
    const entries = await regularFiles(indexPath, git, hashBytes);
    await learnBlobs(git, new Set(entries.map(({ sha }) => sha)), keysOfBlobs);
    const found = new Map<Key, ByteString[]>();
    for (const { sha, path } of entries) {
      const key = keysOfBlobs.get(sha);
      if (key === undefined) continue;
      const paths = found.get(key);
      if (paths === undefined) found.set(key, [path]);
      else paths.push(path);
    }
    return found;
  }
  return {
    async current() {
      const now = indexState(indexPath);
      if (now !== state) {
        files = now === 'none' ? new Map() : await read();
        state = now;
      }
      return files;
    },
  };
}

function indexState(path: ByteString): string {
  const stat = statSync(toPath(path), { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}

async function regularFiles(
  indexPath: ByteString,
  git: Git,
  hashBytes: number,
): Promise<{ sha: ByteString; path: ByteString }[]> {
  const isRegular = (mode: number) => (mode & 0o170000) === 0o100000;
  const entries = readIndexEntries(readFileSync(toPath(indexPath)), hashBytes, isRegular);
  if (entries !== undefined) return entries.filter(({ stage }) => stage === 0);
  const listed: { sha: ByteString; path: ByteString }[] = [];
  for await (const entry of git.index([])) {
    if (entry.stage === 0 && entry.mode.startsWith('100')) listed.push(entry);
  }
  return listed;
}

/** Reads the blobs not yet known that are small enough to be pointers. */
async function learnBlobs(
  git: Git,
  shas: ReadonlySet<ByteString>,
  known: Map<ByteString, Key | undefined>,
): Promise<void> {
  const unknown = [...shas].filter((sha) => !known.has(sha));
  if (unknown.length === 0) return;
  const sizes = await blobSizes(git, unknown);
  const small = unknown.filter((_, i) => {
    const size = sizes[i] ?? 0;
    return size >= SHORTEST_POINTER && size <= LONGEST_POINTER;
  });
  for (const sha of unknown) known.set(sha, undefined);
  let i = 0;
  for await (const object of git.objects(small)) {
    const sha = small[i++] as ByteString;
    if (object !== undefined) known.set(sha, parsePointer(object.content));
  }
}

/** In bytes, in the order given; undefined for what is not there. All at once, since there may be 100,000. */
async function blobSizes(git: Git, shas: readonly ByteString[]): Promise<(number | undefined)[]> {
  const input = `${shas.join('\n')}\n` as ByteString;
  const { stdout } = await git.run(['cat-file', '--batch-check=%(objectsize)', '--buffer'], { input });
  return stdout.split('\n').map((line) => (/^\d+$/.test(line) ? Number(line) : undefined));
}
