import { hash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { toBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { GitEntry } from '../../repository/git/git.js';

/** Reads the target of an index entry's symlink; undefined where the work tree does not have just that link. */
export type ReadLink = (entry: GitEntry) => ByteString | undefined;

/**
 * Reads symlinks from the work tree instead of asking git for their blobs. The target is held against the name of the
 * blob, so that what it gives is what git would have given.
 */
export function createReadLink(top: ByteString): ReadLink {
  return ({ path, sha }) => {
    let target: ByteString;
    try {
      target = readlinkSync(toPath(`${top}/${path}` as ByteString), 'latin1') as ByteString;
    } catch {
      return undefined;
    }
    return blobName(target, sha.length === 40 ? 'sha1' : 'sha256') === sha ? target : undefined;
  };
}

/** What git calls a blob with the content (git-hash-object(1)). */
function blobName(content: ByteString, algorithm: 'sha1' | 'sha256'): string {
  return hash(algorithm, toBuffer(`blob ${content.length}\0${content}` as ByteString), 'hex');
}
