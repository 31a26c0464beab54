import { lstatSync } from 'node:fs';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Git } from '../../repository/git/git.js';

/**
 * Why nothing can be put at a path below the top; undefined: it can.
 * @param shown the path to people
 */
export function obstacleAt(
  top: ByteString,
  path: ByteString,
  shown: ByteString,
  force: boolean,
): string | undefined {
  const parts = path.split('/');
  for (let i = 1; i < parts.length; i++) {
    const above = parts.slice(0, i).join('/') as ByteString;
    const stats = lstatSync(toPath(`${top}/${above}` as ByteString), { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) continue;
    return `not importing ${toText(shown)} because ${toText(above)} is not a directory`;
  }
  const stats = lstatSync(toPath(`${top}/${path}` as ByteString), { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const start = `not overwriting existing ${toText(shown)}`;
  if (stats.isDirectory()) return `${start} (is a directory)`;
  if (force) return undefined;
  if (stats.isSymbolicLink()) return `${start} (is a symlink)`;
  return `${start} (use --force to override, or a duplication option such as --deduplicate to clean up)`;
}

/** Those of the paths (relative to the top) that git ignores. */
export async function ignoredPaths(git: Git, paths: readonly ByteString[]): Promise<Set<ByteString>> {
  if (paths.length === 0) return new Set();
  // This command knows no literal pathspecs; `./` keeps a colon at the start from being magic.
  const input = paths.map((path) => `./${path}\0`).join('') as ByteString;
  const args = ['--no-literal-pathspecs', 'check-ignore', '-z', '--stdin'];
  const { stdout } = await git.run(args, { input, accept: [0, 1] });
  return new Set(
    stdout
      .split('\0')
      .filter(Boolean)
      .map((path) => path.slice(2)) as ByteString[],
  );
}
