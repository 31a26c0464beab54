import { readFile, stat } from 'node:fs/promises';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';

/** What is at a remote's path, as far as its files tell without starting git there. */
export type LocalProbe =
  /** Nothing there, or it can't be looked at. */
  | { readonly state: 'missing' }
  /** Something that is no git repository. */
  | { readonly state: 'foreign' }
  | {
      readonly state: 'repository' /** Undefined: git-annex does not use it yet. */;
      readonly uuid: Uuid | undefined;
    };

/** Looks at a path without blocking on others; a slow disk costs only its own remote's time. */
export async function probeLocal(path: ByteString): Promise<LocalProbe> {
  const found = await gitDirectory(path);
  if (found === undefined) return (await exists(path)) ? { state: 'foreign' } : { state: 'missing' };
  const config = await contentOf(`${found}/config` as ByteString);
  if (config === undefined) return { state: 'foreign' };
  return { state: 'repository', uuid: parseUuid(annexUuid(config) ?? '') };
}

/** The git directory (the shared one of a linked work tree) that git would find for this path. */
async function gitDirectory(path: ByteString): Promise<ByteString | undefined> {
  for (const candidate of [`${path}/.git`, path, `${path}.git/.git`, `${path}.git`] as ByteString[]) {
    if (await exists(`${candidate}/HEAD` as ByteString)) return commonDirectory(candidate);
    const link = /^gitdir: (.+)\n?$/.exec((await contentOf(candidate)) ?? '')?.[1];
    if (link === undefined) continue;
    const base = candidate.slice(0, candidate.lastIndexOf('/'));
    return commonDirectory((link.startsWith('/') ? link : `${base}/${link}`) as ByteString);
  }
  return undefined;
}

async function commonDirectory(gitDir: ByteString): Promise<ByteString> {
  const common = (await contentOf(`${gitDir}/commondir` as ByteString))?.trimEnd();
  if (common === undefined) return gitDir;
  return (common.startsWith('/') ? common : `${gitDir}/${common}`) as ByteString;
}

/** The value of `annex.uuid` in a git config file; the last one counts. */
function annexUuid(config: ByteString): string | undefined {
  let inAnnex = false;
  let uuid: string | undefined;
  for (const line of config.split('\n')) {
    const section = /^\s*\[\s*([^\]\s"]+)\s*("?)/.exec(line);
    if (section !== null) inAnnex = section[1]?.toLowerCase() === 'annex' && section[2] === '';
    const value = inAnnex ? /^(?:\s*\[[^\]]*\])?\s*uuid\s*=\s*"?([^\s"#;]+)/i.exec(line)?.[1] : undefined;
    if (value !== undefined) uuid = value;
  }
  return uuid;
}

async function exists(path: ByteString): Promise<boolean> {
  return stat(toPath(path)).then(
    () => true,
    () => false,
  );
}

async function contentOf(path: ByteString): Promise<ByteString | undefined> {
  return readFile(toPath(path)).then(fromBuffer, () => undefined);
}
