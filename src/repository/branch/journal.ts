import {
  closeSync,
  existsSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { journalName, journalPath } from './journal-names.js';

/**
 * One journal folder: changes to the branch that are not committed yet. Each file holds the complete new content of one
 * branch file. Writing and removing is for the holder of the journal lock.
 */
export interface Journal {
  /** Branch paths with a journal file. Cheap when the folder has not changed since the last call. */
  paths(): ReadonlySet<ByteString>;
  /** Whole lines only: what a process that died had begun to append does not count. Undefined: there is no journal file. */
  read(path: ByteString): ByteString | undefined;
  /** Each file appears complete or not at all, even when the process dies. */
  write(path: ByteString, content: ByteString): void;
  /** Adds lines to a journal file as it is; false when there is none. A crash may leave a part of the last line. */
  append(path: ByteString, lines: ByteString): boolean;
  remove(path: ByteString): void;
}

export interface JournalOptions {
  /** The journal folder. */
  readonly folder: ByteString;
  /** A folder on the same file system for files being written; what a dead process leaves there may be deleted. */
  readonly temporary: ByteString;
  /** Exact permissions of files, where a shared repository wants other than the umask gives. */
  readonly fileMode?: number | undefined;
}

/**
 * A folder changed within the last milliseconds may change again without its time stamp showing it: the kernel's clock
 * for files ticks at up to ten milliseconds.
 */
const clockTick = 50;

export function openJournal({ folder, temporary, fileMode }: JournalOptions): Journal {
  let listed: { stamp: string; paths: Set<ByteString>; settled: boolean } | undefined;
  let foldersMade = false;

  const file = (path: ByteString): string | Buffer => toPath(`${folder}/${checkedName(path)}` as ByteString);
  const makeFolders = (): void => {
    for (const each of [folder, temporary]) mkdirSync(toPath(each), { recursive: true });
    foldersMade = true;
  };

  return {
    paths() {
      const stats = statSync(toPath(folder), { bigint: true, throwIfNoEntry: false });
      if (stats === undefined) return new Set();
      const stamp = `${stats.ino} ${stats.mtimeNs}`;
      if (listed?.settled && listed.stamp === stamp) return listed.paths;
      const names = readdirSync(toPath(folder), { encoding: 'latin1' }) as ByteString[];
      const settled = Math.abs(Date.now() - Number(stats.mtimeMs)) > clockTick;
      listed = { stamp, settled, paths: new Set(names.map(journalPath)) };
      return listed.paths;
    },
    read(path) {
      try {
        // Most often there is none, and an error costs more than a look.
        if (!existsSync(file(path))) return undefined;
        const content = fromBuffer(readFileSync(file(path)));
        return content.endsWith('\n')
          ? content
          : (content.slice(0, content.lastIndexOf('\n') + 1) as ByteString);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
        throw error;
      }
    },
    write(path, content) {
      if (!foldersMade) makeFolders();
      const draft = toPath(`${temporary}/${checkedName(path)}` as ByteString);
      try {
        writeWhole(draft, content, fileMode);
        renameSync(draft, file(path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw journalFailure(error);
        makeFolders();
        writeWhole(draft, content, fileMode);
        renameSync(draft, file(path));
      }
    },
    append(path, lines) {
      try {
        appendLines(file(path), lines);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
        throw journalFailure(error);
      }
    },
    remove(path) {
      try {
        unlinkSync(file(path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw journalFailure(error);
      }
    },
  };
}

/** Whether a journal folder exists and has something in it. */
export function journalHasFiles(folder: ByteString): boolean {
  return existsSync(toPath(folder)) && readdirSync(toPath(folder)).length > 0;
}

function checkedName(path: ByteString): ByteString {
  const name = journalName(path);
  if (name === '' || name === '.' || name === '..' || name.includes('\0')) {
    throw new AnnexError('internal', 'a path that cannot be on the git-annex branch was asked for');
  }
  return name;
}

function writeWhole(path: string | Buffer, content: ByteString, mode: number | undefined): void {
  const descriptor = openSync(path, 'w', 0o666);
  try {
    if (mode !== undefined) fchmodSync(descriptor, mode);
    const bytes = toBuffer(content);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  } finally {
    closeSync(descriptor);
  }
}

/** What is not a whole line at the end is overwritten. */
function appendLines(path: string | Buffer, lines: ByteString): void {
  const descriptor = openSync(path, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    const whole = size === 0 || (readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] === 0x0a);
    const end = whole ? size : readFileSync(path).lastIndexOf('\n') + 1;
    if (!whole) ftruncateSync(descriptor, end);
    const bytes = toBuffer(lines);
    for (let done = 0; done < bytes.length; )
      done += writeSync(descriptor, bytes, done, bytes.length - done, end + done);
  } finally {
    closeSync(descriptor);
  }
}

function journalFailure(error: unknown): AnnexError {
  const { code, message } = error as NodeJS.ErrnoException;
  const cause = { cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AnnexError(
      'disk-full',
      'the disk is full: a change to the git-annex branch could not be recorded',
      cause,
    );
  if (code === 'EROFS')
    return new AnnexError('read-only', 'the repository is on a read-only file system', cause);
  if (code === 'EACCES' || code === 'EPERM')
    return new AnnexError('permission', 'the journal of the git-annex branch may not be written', cause);
  if (code === 'ENAMETOOLONG')
    return new AnnexError(
      'invalid-key',
      'the name is too long for the journal of the git-annex branch',
      cause,
    );
  return new AnnexError(
    'internal',
    `a change to the git-annex branch could not be recorded: ${message}`,
    cause,
  );
}
