import { realpathSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';

/** A path the user gave. */
export interface Operand {
  readonly given: ByteString;
  /** Relative to the top of the work tree; empty for the top itself. */
  readonly path: ByteString;
}

/**
 * Reads a path given at `cwd`. Throws `unknown-file`, worded as git does, when it is empty or outside the work tree.
 * @param cwd absolute
 * @param top the work tree, absolute
 */
export function readOperand(given: ByteString, cwd: ByteString, top: ByteString): Operand {
  if (given === '') {
    const advice = 'please use . instead if you meant to match all paths';
    throw new AnnexError('unknown-file', `fatal: empty string is not a valid pathspec. ${advice}`);
  }
  const path = belowTop(normalized(given, cwd), top) ?? belowTop(physical(normalized(given, cwd)), top);
  if (path === undefined) {
    const name = toText(given);
    throw new AnnexError(
      'unknown-file',
      `fatal: ${name}: '${name}' is outside repository at '${toText(top)}'`,
    );
  }
  return { given, path };
}

/** The current directory relative to the top of the work tree; the top itself where it is elsewhere. */
export function directoryBelow(cwd: ByteString, top: ByteString): ByteString {
  return belowTop(cwd, top) ?? ('' as ByteString);
}

/** Rewrites paths relative to the top as seen from a directory below it: `../f1`. */
export function shownFrom(directory: ByteString): (path: ByteString) => ByteString {
  if (directory === '') return (path) => path;
  const from = directory.split('/');
  return (path) => {
    const to = path.split('/');
    let common = 0;
    while (common < from.length && common < to.length - 1 && from[common] === to[common]) common++;
    return ('../'.repeat(from.length - common) + to.slice(common).join('/')) as ByteString;
  };
}

function normalized(path: ByteString, cwd: ByteString): ByteString {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}` as ByteString;
}

/** The path with symlinks in its directory resolved; its last part may be an annexed link itself. */
function physical(path: ByteString): ByteString {
  const slash = path.lastIndexOf('/');
  try {
    const directory = fromBuffer(realpathSync(toPath((path.slice(0, slash) || '/') as ByteString), 'buffer'));
    return normalized(path.slice(slash + 1) as ByteString, directory);
  } catch {
    return path;
  }
}

function belowTop(path: ByteString, top: ByteString): ByteString | undefined {
  if (path === top) return '' as ByteString;
  return path.startsWith(`${top}/`) ? (path.slice(top.length + 1) as ByteString) : undefined;
}
