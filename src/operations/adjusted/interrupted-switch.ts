import { lstatSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { parseAdjustedBranch } from '../../domain/adjusted-branch.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository, RepositoryLocation } from '../../repository/repository.js';

type Part = Pick<Repository, 'git' | 'location'>;

/** Remembers which branch HEAD is taken from for a moment, at which commit the work tree is. */
export function rememberSwitch({ gitDir }: RepositoryLocation, ref: ByteString, from: ByteString): void {
  writeFileSync(toPath(markerPath(gitDir)), `${from} ${ref}\n`, 'latin1');
}

export function forgetSwitch({ gitDir }: RepositoryLocation): void {
  rmSync(toPath(markerPath(gitDir)), { force: true });
}

/**
 * Brings a repository back to its adjusted branch when a program was killed while it moved it. Does nothing to a
 * repository whose user has checked out something else since.
 */
export async function recoverInterruptedSwitch(repository: Part): Promise<void> {
  const { git, location } = repository;
  const marker = readMarker(location.gitDir);
  if (marker === undefined) return;
  const { exitCode } = await git.run(['symbolic-ref', '-q', 'HEAD'], { accept: 'any' });
  const branch = parseAdjustedBranch(marker.ref.replace(/^refs\/heads\//, '') as ByteString);
  const detached = exitCode !== 0 && (await git.resolve('HEAD')) === marker.from;
  if (detached && branch !== undefined && (await git.resolve(branch.ref)) !== undefined) {
    await stageWhatIsDone(repository, marker.from, branch.ref);
    const { exitCode: left } = await git.run(['checkout', '--quiet', branch.name, '--'], { accept: 'any' });
    // Files are in the way: the old state, which differs from the branch, is all that can be shown.
    if (left !== 0) return;
  }
  forgetSwitch(location);
}

/** Puts into the index what git had already written to the work tree, so that it is not taken for somebody's changes. */
async function stageWhatIsDone({ git, location }: Part, from: ByteString, to: ByteString): Promise<void> {
  const top = location.workTree;
  const done: { mode: ByteString; sha: ByteString; path: ByteString }[] = [];
  const plain: typeof done = [];
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to];
  let header: string[] | undefined;
  for await (const record of git.records(args, '\0')) {
    if (header === undefined) {
      header = record.split(' ');
      continue;
    }
    const [, mode = '', , sha = '', status] = header;
    header = undefined;
    if (status === 'D') continue;
    const entry = { mode: mode as ByteString, sha: sha as ByteString, path: record };
    const file = toPath(`${top}/${record}` as ByteString);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() && mode !== '120000' && !record.includes('\n')) plain.push(entry);
    if (!stat?.isSymbolicLink() || mode !== '120000') continue;
    const target = fromBuffer(readlinkSync(file, 'buffer'));
    if ((await git.object(entry.sha))?.content === target) done.push(entry);
  }
  if (plain.length > 0) {
    const input = plain.map(({ path }) => `${path}\n`).join('') as ByteString;
    const { stdout } = await git.run(['hash-object', '--stdin-paths'], { input, accept: 'any' });
    const hashes = stdout.split('\n');
    done.push(...plain.filter(({ sha }, i) => hashes[i] === sha));
  }
  await git.stage(done);
}

function readMarker(gitDir: ByteString): { from: ByteString; ref: ByteString } | undefined {
  let text: string;
  try {
    text = readFileSync(toPath(markerPath(gitDir)), 'latin1');
  } catch {
    return undefined;
  }
  const match = /^([0-9a-f]{40,64}) (refs\/heads\/.+)\n$/s.exec(text);
  return match === null ? undefined : { from: match[1] as ByteString, ref: match[2] as ByteString };
}

/** In the git directory of the work tree that is meant. */
function markerPath(gitDir: ByteString): ByteString {
  return `${gitDir}/annex-ts-adjusting` as ByteString;
}
