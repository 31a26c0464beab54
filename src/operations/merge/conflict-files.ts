import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** What is at a path; undefined when nothing can be there. */
export function lookAt(path: ByteString): Stats | undefined {
  try {
    return lstatSync(toPath(path));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(code)) return undefined;
    throw error;
  }
}

/**
 * Whether the file at `path` has the start of one of `contents`, all of it included: what a program leaves that is killed
 * while it writes. A symlink is made at once.
 */
export function isPartOf(path: ByteString, contents: readonly ByteString[], link: boolean): boolean {
  const stat = lookAt(path);
  if (stat?.isSymbolicLink() === true) {
    return link && contents.includes(fromBuffer(readlinkSync(toPath(path), 'buffer')));
  }
  if (link || stat?.isFile() !== true || !contents.some(({ length }) => length >= stat.size)) return false;
  const written = fromBuffer(readFileSync(toPath(path)));
  return contents.some((content) => content.startsWith(written));
}

/**
 * Whether the file at `path` is one of `contents`. Undefined when nothing is there.
 * @param link whether it must be a symlink with that target; undefined: any symlink will do
 */
export function isFileWith(
  path: ByteString,
  contents: readonly ByteString[],
  link?: boolean,
): boolean | undefined {
  const stat = lookAt(path);
  if (stat === undefined) return undefined;
  if (stat.isSymbolicLink()) {
    if (link === undefined) return true;
    return link && contents.includes(fromBuffer(readlinkSync(toPath(path), 'buffer')));
  }
  if (!stat.isFile() || link === true) return false;
  if (!contents.some((content) => content.length === stat.size)) return false;
  return contents.includes(fromBuffer(readFileSync(toPath(path))));
}

/**
 * Whether the file at `path` is what git writes when two contents have nothing in common: both, between conflict markers,
 * with `merge.conflictStyle=diff3` what they come from as well.
 */
export function isConflictOf(
  path: ByteString,
  base: ByteString | undefined,
  ours: ByteString | undefined,
  theirs: ByteString | undefined,
): boolean {
  const size = [base, ours, theirs].reduce((sum, text) => sum + (text?.length ?? 0), 0);
  const stat = lookAt(path);
  if (stat === undefined || !stat.isFile() || stat.size > size + markersSize) return false;
  const lines = linesOf(fromBuffer(readFileSync(toPath(path))));
  if (!lines.some((line) => line.startsWith('<<<<<<< '))) return false;
  const left = lines.filter((line) => !/^(?:<<<<<<< |\|{7} |={7}$|>{7} )/.test(line)).join('\n');
  const sides = [ours, theirs].flatMap(linesOf).join('\n');
  const all = [ours, base, theirs].flatMap(linesOf).join('\n');
  return left === sides || left === all;
}

/** Bytes that conflict markers and the branches' names on them may take. */
const markersSize = 4096;

function linesOf(text: ByteString | undefined): string[] {
  return text === undefined || text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/**
 * Makes `path` a symlink or a file as git's mode says. What is there is replaced in one step.
 * @param scratch folder for the file until it is complete, so that a kill leaves nothing in the user's folders
 */
export function writeEntry(
  path: ByteString,
  mode: ByteString,
  content: ByteString,
  scratch: ByteString,
): void {
  const folder = path.slice(0, path.lastIndexOf('/')) as ByteString;
  mkdirSync(toPath(folder), { recursive: true });
  try {
    renameSync(toPath(freshEntry(scratch, mode, content)), toPath(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    renameSync(toPath(freshEntry(folder, mode, content)), toPath(path));
  }
}

function freshEntry(folder: ByteString, mode: ByteString, content: ByteString): ByteString {
  const fresh = `${folder}/annex-ts-merge-entry` as ByteString;
  removeFile(fresh);
  if (mode === '120000') symlinkSync(toBuffer(content), toPath(fresh));
  else
    writeFileSync(toPath(fresh), toBuffer(content), { mode: mode === '100755' ? 0o777 : 0o666, flag: 'wx' });
  return fresh;
}

/** Whoever may read the file may execute it. */
export function makeExecutable(path: ByteString): void {
  const { mode } = lstatSync(toPath(path));
  chmodSync(toPath(path), mode | ((mode & 0o444) >> 2));
}

/**
 * Gives a file or link a second name, in place of what has that name. The first name is left.
 * @param scratch folder on the same file system
 */
export function giveSecondName(from: ByteString, to: ByteString, scratch: ByteString): void {
  const fresh = `${scratch}/annex-ts-merge-entry` as ByteString;
  removeFile(fresh);
  try {
    if (lstatSync(toPath(from)).isSymbolicLink())
      symlinkSync(readlinkSync(toPath(from), 'buffer'), toPath(fresh));
    else linkSync(toPath(from), toPath(fresh));
    renameSync(toPath(fresh), toPath(to));
    removeFile(fresh);
  } catch (error) {
    removeFile(fresh);
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    renameSync(toPath(from), toPath(to));
  }
}

export function renameFile(from: ByteString, to: ByteString): void {
  renameSync(toPath(from), toPath(to));
}

/** Removes a file or link; a folder, or nothing, is left. */
export function removeFile(path: ByteString): void {
  try {
    unlinkSync(toPath(path));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'EPERM'].includes(code)) throw error;
  }
}
