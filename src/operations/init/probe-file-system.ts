import { chmodSync, linkSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { tryFileLock } from '../../repository/locks/file-lock.js';

/** What the file system that holds the annex cannot do. */
export interface FileSystemFaults {
  /** No symbolic links, hard links or permissions (FAT and its like). */
  readonly crippled: boolean;
  readonly symlinks: boolean;
}

/**
 * Tries out links, permissions and locks in a folder that is made and deleted again.
 * @throws AnnexError `unsupported-repository` when files cannot be locked; what the file system throws when it cannot be
 * written at all
 */
export function probeFileSystem(annexDir: ByteString): FileSystemFaults {
  const folder = `${annexDir}/probe.${process.pid}` as ByteString;
  mkdirSync(toPath(folder), { recursive: true });
  try {
    const file = `${folder}/file` as ByteString;
    tryFileLock(file, 'exclusive')?.release();
    writeFileSync(toPath(file), '');
    const symlinks = works(() => symlinkSync('file', toPath(`${folder}/symlink` as ByteString)));
    const links = works(() => linkSync(toPath(file), toPath(`${folder}/link` as ByteString)));
    const modes = works(() => {
      chmodSync(toPath(file), 0o444);
      if ((statSync(toPath(file)).mode & 0o222) !== 0) throw new Error('the write bits stay');
    });
    return { crippled: !(symlinks && links && modes), symlinks };
  } finally {
    rmSync(toPath(folder), { recursive: true, force: true });
  }
}

function works(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
