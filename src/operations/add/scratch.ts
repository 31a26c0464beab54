import { mkdirSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { waitForFileLock } from '../../repository/locks/wait-for-lock.js';
import type { Scratch } from './ingest.js';

/** Names in `.git/annex/othertmp`, where git-annex too keeps files for a moment. */
export interface ScratchFolder {
  readonly name: Scratch;
  /** To be called when no name is in use any more. */
  release(): void;
}

/** Holds the lock that keeps others from clearing the folder away; only who has it alone may remove the folder. */
export async function openScratch(annexDir: ByteString, signal: AbortSignal): Promise<ScratchFolder> {
  const lock = await waitForFileLock(`${annexDir}/othertmp.lck` as ByteString, 'shared', { signal });
  const folder = `${annexDir}/othertmp`;
  mkdirSync(toPath(folder as ByteString), { recursive: true });
  let count = 0;
  return {
    name: () => `${folder}/add${process.pid}-${count++}` as ByteString,
    release: () => lock.release(),
  };
}
