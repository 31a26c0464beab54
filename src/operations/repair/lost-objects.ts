import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import { runGit } from '../../repository/git/run-git.js';

/** What `git fsck` says of a repository. */
export interface Damage {
  /** Objects that are missing, or whose files are corrupt. */
  readonly objects: readonly ByteString[];
  /** Whether it found anything at all. */
  readonly found: boolean;
}

/** Reflogs may speak of what was thrown away on purpose, and what nobody refers to is no loss. */
const FSCK = ['fsck', '--no-dangling', '--no-reflogs', '--no-progress'];

export async function findDamage(git: Git): Promise<Damage> {
  const { exitCode, stdout, stderr } = await git.run(FSCK, { accept: 'any' });
  const told = `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => /^(error|missing|fatal)\b|corrupt/.test(line));
  const names = told.flatMap(
    (line) => line.replace(/objects\/(..)\/([0-9a-f]{38,62})/g, '$1$2').match(NAME) ?? [],
  );
  return { objects: [...new Set(names)] as ByteString[], found: exitCode !== 0 };
}

const NAME = /\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g;

/**
 * Puts the files of corrupt objects aside, so that good ones can take their place.
 * @param objects the folder `objects` of the git directory
 * @param aside where they go; it is made
 */
export async function putCorruptAside(
  git: Git,
  names: readonly ByteString[],
  { objects, aside }: { readonly objects: ByteString; readonly aside: ByteString },
): Promise<number> {
  let count = 0;
  for (const name of names) {
    const file = toPath(`${objects}/${name.slice(0, 2)}/${name.slice(2)}` as ByteString);
    if (!existsSync(file)) continue;
    const { exitCode } = await git.run(['cat-file', '-p', name], { accept: 'any' });
    if (exitCode === 0) continue;
    mkdirSync(toPath(aside), { recursive: true });
    renameSync(file, toPath(`${aside}/${name}` as ByteString));
    count++;
  }
  return count;
}

/**
 * Gets all that the refs of a remote lead to, whatever is thought to be here, as a pack.
 * @param places the repository's top (urls may be relative to it), a folder that is made and deleted again, `objects`
 * @returns whether the remote gave something
 */
export async function takeFrom(
  url: ByteString,
  places: { readonly top: ByteString; readonly folder: ByteString; readonly objects: ByteString },
): Promise<boolean> {
  const { top, folder, objects } = places;
  try {
    await runGit(['init', '-q', '--bare', folder], { cwd: top });
    const fetch = [
      '--git-dir',
      folder,
      '-c',
      'fetch.unpackLimit=1',
      '-c',
      'gc.auto=0',
      'fetch',
      '-q',
      '--',
      url,
    ];
    const { exitCode } = await runGit([...fetch, '+refs/*:refs/recovered/*'], { cwd: top, accept: 'any' });
    const packs = toPath(`${folder}/objects/pack` as ByteString);
    if (exitCode !== 0 || readdirSync(packs).length === 0) return false;
    cpSync(packs as string, toPath(`${objects}/pack` as ByteString) as string, {
      recursive: true,
      force: false,
    });
    return true;
  } finally {
    rmSync(toPath(folder), { recursive: true, force: true });
  }
}
