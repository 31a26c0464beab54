import { readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Uuid } from '../../domain/uuid.js';
import { parseUuid } from '../../domain/uuid.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** Folders below folders below a given one, at most. */
const DEEPEST = 12;

/** A repository of git-annex. */
export interface FoundRepository {
  readonly path: ByteString;
  /** Its git config has remotes that it may be a gateway to. */
  readonly mayBeGateway: boolean;
}

/**
 * The repositories of git-annex below folders, by uuid, at any depth; what is inside a repository is not looked at. The
 * first of two with the same uuid counts. Links are followed in the given folders themselves only.
 */
export async function findRepositories(folders: readonly ByteString[]): Promise<Map<Uuid, FoundRepository>> {
  const found = new Map<Uuid, FoundRepository>();
  const pending = folders.map((path) => ({ path, depth: 0 }));
  for (let folder = pending.shift(); folder !== undefined; folder = pending.shift()) {
    const { path, depth } = folder;
    for (const { name, isLink } of await entriesOf(path)) {
      if (isLink && depth > 0) continue;
      const child = `${path}/${name}` as ByteString;
      const gitDir = gitDirOf(child);
      const annex = gitDir === undefined ? undefined : annexOf(gitDir);
      if (annex !== undefined && !found.has(annex.uuid))
        found.set(annex.uuid, { path: child, mayBeGateway: annex.mayBeGateway });
      if (gitDir === undefined && !isLink && depth < DEEPEST) pending.push({ path: child, depth: depth + 1 });
    }
  }
  return found;
}

async function entriesOf(folder: ByteString): Promise<{ name: ByteString; isLink: boolean }[]> {
  try {
    const entries = await readdir(toPath(folder), { withFileTypes: true, encoding: 'buffer' });
    return entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => ({ name: fromBuffer(entry.name), isLink: entry.isSymbolicLink() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** The git directory of a repository's top; undefined where there is none. */
function gitDirOf(folder: ByteString): ByteString | undefined {
  const dotGit = `${folder}/.git` as ByteString;
  if (isDirectory(dotGit)) return dotGit;
  const bare = ['objects', 'refs'].every((name) => isDirectory(`${folder}/${name}` as ByteString));
  return bare ? folder : undefined;
}

function isDirectory(path: ByteString): boolean {
  return statSync(toPath(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** `annex.uuid` of a git config file, without starting git for each: other files that it includes do not count. */
function annexOf(gitDir: ByteString): { readonly uuid: Uuid; readonly mayBeGateway: boolean } | undefined {
  let text: ByteString;
  try {
    text = fromBuffer(readFileSync(toPath(`${gitDir}/config` as ByteString)));
  } catch {
    return undefined;
  }
  let inAnnex = false;
  let uuid: Uuid | undefined;
  for (const line of text.split('\n')) {
    const section = /^[ \t]*\[([^\]]*)\]/.exec(line)?.[1];
    if (section !== undefined) inAnnex = section.toLowerCase() === 'annex';
    const value = inAnnex ? /^[ \t]*uuid[ \t]*=[ \t]*"?([^\s"]+)/i.exec(line)?.[1] : undefined;
    if (value !== undefined) uuid = parseUuid(value) ?? uuid;
  }
  return uuid && { uuid, mayBeGateway: /^[ \t]*annex-(?:proxy|cluster-)/im.test(text) };
}
