import { lutimesSync, lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { parseSymlink, symlinkTarget } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { GitEntry } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';

/** Symlinks to contents that were moved about in the work tree. */
export interface LinkFixer {
  /** Makes the link of a locked file lead to the annex again, if it does not. */
  fix(path: ByteString, key: Key, fixing: () => void): Promise<void>;
  /** Puts the links that were fixed into git's index. */
  stage(): Promise<void>;
}

/** Entries of the index that are written together. */
const TOGETHER = 1000;

export function createLinkFixer({ git }: Pick<Repository, 'git'>, workTree: ByteString): LinkFixer {
  let entries: GitEntry[] = [];

  async function stage(): Promise<void> {
    const fixed = entries;
    entries = [];
    if (fixed.length > 0) await git.stage(fixed);
  }
  return {
    async fix(path, key, fixing) {
      const file = `${workTree}/${path}` as ByteString;
      const target = readLink(file);
      const wanted = symlinkTarget(key, path);
      if (target === undefined || target === wanted || parseSymlink(target) !== key) return;
      fixing();
      replaceLink(file, wanted);
      entries.push({ mode: '120000' as ByteString, sha: await git.writeBlob(wanted), path });
      if (entries.length >= TOGETHER) await stage();
    },
    stage,
  };
}

/** Undefined: there is no symlink. */
function readLink(file: ByteString): ByteString | undefined {
  try {
    return fromBuffer(readlinkSync(toPath(file), { encoding: 'buffer' }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** In one step, with the time of the old link. */
function replaceLink(file: ByteString, target: ByteString): void {
  const { atime, mtime } = lstatSync(toPath(file));
  const partial = `${file}.annex-ts-${process.pid}` as ByteString;
  symlinkSync(toPath(target), toPath(partial));
  try {
    lutimesSync(toPath(partial), atime, mtime);
    renameSync(toPath(partial), toPath(file));
  } catch (error) {
    rmSync(toPath(partial), { force: true });
    throw error;
  }
}
