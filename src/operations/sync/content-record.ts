import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { md5Hex } from '../../domain/md5.js';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** When content was in step with a repository: nothing that is older needs to be looked at again, but what is pending. */
export interface ContentRecord {
  /** The git-annex branch's commit. */
  readonly branch: ByteString;
  /** The tree of the index. */
  readonly tree: ByteString;
  /** The choices the pass was made with; another choice needs a pass of its own. */
  readonly choices: string;
  /** Keys that something is left to do with. */
  readonly pending: readonly Key[];
}

/** So many keys may be pending; with more, everything is looked at again. */
export const maxPending = 10_000;

const version = 2;

/** Reads what was recorded for a remote; undefined: nothing that can be used. */
export function readContentRecord(annexDir: ByteString, remote: Uuid): ContentRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(toPath(pathOf(annexDir, remote)), 'latin1'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is ContentRecord & { version: number } {
  if (typeof value !== 'object' || value === null) return false;
  const { branch, tree, choices, pending, version: found } = value as Record<string, unknown>;
  const sha = /^[0-9a-f]{40,64}$/;
  return (
    found === version &&
    typeof branch === 'string' &&
    sha.test(branch) &&
    typeof tree === 'string' &&
    sha.test(tree) &&
    typeof choices === 'string' &&
    Array.isArray(pending) &&
    pending.every((key) => typeof key === 'string')
  );
}

/** Records that all is in step. A repository that can't be written is simply looked at in full next time. */
export function writeContentRecord(annexDir: ByteString, remote: Uuid, record: ContentRecord): void {
  const path = pathOf(annexDir, remote);
  const fresh = `${path}.${process.pid}` as ByteString;
  try {
    mkdirSync(toPath(folderOf(annexDir)), { recursive: true });
    writeFileSync(toPath(fresh), `${JSON.stringify({ version, ...record })}\n`, 'latin1');
    renameSync(toPath(fresh), toPath(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function folderOf(annexDir: ByteString): ByteString {
  return `${annexDir}/annex-ts/content-sync` as ByteString;
}

/** Uuids may hold any characters, so their digest is the file's name. */
function pathOf(annexDir: ByteString, remote: Uuid): ByteString {
  return `${folderOf(annexDir)}/${md5Hex(remote)}` as ByteString;
}
