import { existsSync, lstatSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { type AdjustedBranch, parseAdjustedBranch } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { GitEntry } from '../../repository/git/git.js';
import type { Repository, RepositoryLocation } from '../../repository/repository.js';
import { fillAfterCheckout } from '../git-filters/fill-after-checkout.js';
import { removeStaleIndexLock } from '../merge/stale-index-lock.js';
import { checkOut, REFUSED } from './own-checkout.js';

type Part = Pick<Repository, 'git' | 'location'>;

/** Remembers which adjusted branch is about to be checked out, and at which commit the work tree is. */
export function rememberSwitch({ gitDir }: RepositoryLocation, ref: ByteString, from: ByteString): void {
  writeFileSync(toPath(markerPath(gitDir)), `${from} ${ref}\n`, 'latin1');
}

export function forgetSwitch({ gitDir }: RepositoryLocation): void {
  rmSync(toPath(markerPath(gitDir)), { force: true });
}

/** Whether a checkout has begun, and is neither done nor given up. */
export function isSwitching({ gitDir }: RepositoryLocation): boolean {
  return existsSync(toPath(markerPath(gitDir)));
}

/**
 * Brings a repository to its adjusted branch when a program was killed while git checked that out: git replaces a file by
 * removing it first, so one may be missing. Does nothing to a repository whose user has checked out something else since.
 * @throws `git-failed` when files are in the way of a branch that was about to be entered
 */
export async function recoverInterruptedSwitch(repository: Repository): Promise<void> {
  const { git, location } = repository;
  const marker = readMarker(location.gitDir);
  if (marker === undefined) return;
  removeStaleIndexLock(repository);
  const head = await headRef(git);
  const branch = parseAdjustedBranch(marker.ref.replace(/^refs\/heads\//, '') as ByteString);
  const here = (await git.resolve('HEAD')) === marker.from && head !== marker.ref;
  if (here && branch !== undefined && (await git.resolve(branch.ref)) !== undefined) {
    const { done, begun } = await whatIsDone(repository, marker.from, branch.ref);
    if (head === '' || begun) {
      await git.stage(done);
      const left = await checkOut(repository, branch.name, '--quiet');
      if (left.exitCode !== 0) {
        // Files are in the way: the old state, which differs from the branch, is all that can be shown.
        if (head === '') return;
        throw interruption(branch, `files are in its way:\n${left.stderr.trim()}`);
      }
    }
  }
  forgetSwitch(location);
  await fillAfterCheckout(repository);
}

/** What HEAD names; empty when it is detached. */
export async function headRef(git: Repository['git']): Promise<ByteString> {
  return (await git.run(['symbolic-ref', '-q', 'HEAD'], { accept: 'any' })).stdout.trimEnd() as ByteString;
}

/** Whether a checkout that failed has changed the work tree all the same, since git was killed. */
export async function wasCutOff(
  repository: Part,
  exitCode: number,
  from: ByteString,
  to: ByteString,
): Promise<boolean> {
  return exitCode !== REFUSED && (await whatIsDone(repository, from, to)).begun;
}

/** Says that the next command goes on with the checkout of a branch. */
export function interruption({ name, original }: AdjustedBranch, why: string): AnnexError {
  return new AnnexError('git-failed', `the checkout of ${toText(name)} was interrupted: ${why}`, {
    hint: `git annex-ts adjust, merge or sync completes it; git checkout --force ${toText(original)} gives it up.`,
  });
}

/** How far git has come: entries that are in the work tree as in the new commit, and whether anything has changed. */
async function whatIsDone(
  { git, location }: Part,
  from: ByteString,
  to: ByteString,
): Promise<{ done: GitEntry[]; begun: boolean }> {
  const top = location.workTree;
  const done: GitEntry[] = [];
  const plain: GitEntry[] = [];
  let begun = false;
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to];
  let header: string[] | undefined;
  for await (const record of git.records(args, '\0')) {
    if (header === undefined) {
      header = record.split(' ');
      continue;
    }
    const [, mode = '', , sha = '', status] = header;
    header = undefined;
    const entry = { mode: mode as ByteString, sha: sha as ByteString, path: record };
    const file = toPath(`${top}/${record}` as ByteString);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined && status !== 'A') begun = true;
    if (status === 'D') continue;
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
  return { done, begun: begun || done.length > 0 };
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
