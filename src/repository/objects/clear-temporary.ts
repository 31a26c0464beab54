import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { tryFileLock } from '../locks/file-lock.js';

/**
 * Empties `.git/annex/othertmp`, where files are on their way, of what killed processes left. As git-annex does: only
 * while nobody else uses it, for which users hold a shared lock. Never throws.
 */
export function clearTemporary(annexDir: ByteString): void {
  const folder = `${annexDir}/othertmp` as ByteString;
  if (!existsSync(toPath(folder))) return;
  try {
    const lock = tryFileLock(`${annexDir}/othertmp.lck` as ByteString, 'exclusive');
    try {
      if (lock === undefined) return;
      for (const name of readdirSync(toPath(folder), 'latin1')) {
        rmSync(toPath(`${folder}/${name}` as ByteString), { recursive: true, force: true });
      }
      rmdirSync(toPath(folder));
    } finally {
      lock?.release();
    }
  } catch {
    // A repository that may only be read, or somebody at work: another time.
  }
}
