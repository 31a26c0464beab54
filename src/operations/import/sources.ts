import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path/posix';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { absolute } from '../reinject/reinject.js';

/** A file to be imported. */
export interface SourceFile {
  /** Absolute. */
  readonly file: ByteString;
  readonly stats: Stats;
  /** Where it goes, relative to the current directory. */
  readonly shown: ByteString;
}

/**
 * The regular files at and below what the user named, each directory's own files first. Links are passed over, but for a
 * directory that the user named by one. Throws `unknown-file` for what is not there, `usage` for what is in the work tree.
 */
export function* sourceFiles(
  operands: readonly ByteString[],
  cwd: ByteString,
  top: ByteString,
): Generator<SourceFile> {
  const roots = operands.map((given) => {
    const path = absolute(given, cwd);
    let real: ByteString;
    try {
      real = fromBuffer(realpathSync(toPath(path), 'buffer'));
    } catch {
      throw new AnnexError('unknown-file', `${toText(given)}: does not exist (No such file or directory)`);
    }
    if (real === top || real.startsWith(`${top}/`)) {
      throw new AnnexError(
        'usage',
        `cannot import files from inside the working tree (use git annex add instead): ${toText(path)}`,
      );
    }
    return { path: path.replace(/\/+$/, '') as ByteString, real };
  });
  for (const { path, real } of roots) {
    const stats = statSync(toPath(real));
    const given = basename(path) as ByteString;
    const name = /^\.{0,2}$/.test(given) ? (basename(real) as ByteString) : given;
    if (stats.isDirectory()) yield* filesIn(real, name);
    else if (stats.isFile() && !lstatSync(toPath(path)).isSymbolicLink())
      yield { file: path, stats, shown: name };
  }
}

function* filesIn(folder: ByteString, shown: ByteString): Generator<SourceFile> {
  const folders: ByteString[] = [];
  for (const name of readdirSync(toPath(folder), 'latin1').sort() as ByteString[]) {
    const file = `${folder}/${name}` as ByteString;
    const stats = lstatSync(toPath(file));
    if (stats.isDirectory()) folders.push(name);
    else if (stats.isFile()) yield { file, stats, shown: `${shown}/${name}` as ByteString };
  }
  for (const name of folders) {
    yield* filesIn(`${folder}/${name}` as ByteString, `${shown}/${name}` as ByteString);
  }
}
