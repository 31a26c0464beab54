// Where the tests put their repositories: they flush thousands of files, which in memory takes no time.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY = '/dev/shm';
/** Bytes: several times what the tests have at a time. */
const PLENTY = 3 * 2 ** 30;

/** Makes a folder that the programs started from now on take for temporary files; `remove` deletes it. */
export function useScratchFolder() {
  const inMemory = process.env.TMPDIR === undefined ? makeInMemory() : undefined;
  const folder = inMemory ?? mkdtempSync(join(tmpdir(), 'tests-'));
  // Some tests are other users for a while.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  return { folder, remove: () => remove(folder) };
}

/** Undefined where there is no such file system, no room, or programs cannot be started from it. */
function makeInMemory() {
  let folder;
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    if (bavail * bsize < PLENTY || freemem() < 2 * PLENTY) return undefined;
    folder = mkdtempSync(join(IN_MEMORY, 'tests-'));
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    if (spawnSync(program).status === 0) return folder;
  } catch {
    // Not on this machine.
  }
  if (folder !== undefined) remove(folder);
  return undefined;
}

function remove(folder) {
  // Contents of annexes, and their folders, are read-only.
  spawnSync('chmod', ['-R', 'u+rwX', folder], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
}
