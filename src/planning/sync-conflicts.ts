import { type Key, keyFileName } from '../domain/key.js';
import { md5Hex } from '../domain/md5.js';
import type { ByteString } from '../lib/bytes.js';

/** What one side of a merge has at a path. */
export interface ConflictSide {
  /** As git has it: `120000`, `100644`, `100755`, `160000`. */
  readonly mode: ByteString;
  readonly sha: ByteString;
  /** The key, when the file is annexed. */
  readonly key: Key | undefined;
}

/** A path the merge could not decide. A side that deleted the file, or has a folder there, is undefined. */
export interface PathConflict {
  readonly path: ByteString;
  /** What both sides started from. */
  readonly base: ConflictSide | undefined;
  readonly ours: ConflictSide | undefined;
  readonly theirs: ConflictSide | undefined;
}

/** An entry for the merged tree. */
export interface ResolvedEntry {
  readonly path: ByteString;
  readonly side: ConflictSide;
}

/** Bytes a file name may have. */
const longestName = 255;

/**
 * Resolves a conflict the way git-annex does (automatic conflict resolution): every annexed version gets a name of its
 * own that follows from its key, what is not annexed keeps the path. The result depends on the two sides only, not on
 * which of them is ours, so that every clone arrives at the same tree.
 * @param taken whether the merged tree has something else than `side` at a path
 * @param plain whether conflicts without an annexed file are resolved, too, as git-annex does not: both versions get names
 * as if each were a key, and what one side has modified and the other deleted stays
 * @returns the entries that replace the path; undefined when the conflict is for the user
 */
export function resolveConflict(
  conflict: PathConflict,
  taken: (path: ByteString, side: ConflictSide) => boolean,
  plain = false,
): ResolvedEntry[] | undefined {
  const { path, ours, theirs } = conflict;
  const sides = [ours, theirs].filter((side) => side !== undefined);
  const annexed = sides.filter((side) => side.key !== undefined);
  if (sides.length === 0) return plain || conflict.base?.key !== undefined ? [] : undefined;
  if (annexed.length === 0) return plain ? resolvePlain(path, sides, taken) : undefined;
  const [first, second] = annexed;
  if (first !== undefined && second !== undefined && first.key === second.key) {
    return [{ path, side: sameContent(first, second) }];
  }
  const collides = annexed.length === 2 && shortMarker(first) === shortMarker(second);
  return sides.map((side) => ({
    path: side.key === undefined ? path : variantPath(path, side, collides ? () => true : taken),
    side,
  }));
}

/** Where git reads settings from: one version of them has to stay in force. */
const gitsOwn = /(?:^|\/)\.git[^/]*$/;

function resolvePlain(
  path: ByteString,
  sides: readonly ConflictSide[],
  taken: (path: ByteString, side: ConflictSide) => boolean,
): ResolvedEntry[] | undefined {
  if (sides.some(({ mode }) => mode === '160000')) return undefined;
  const [first, second] = [...sides].sort((a, b) => (a.sha < b.sha ? -1 : 1)) as [
    ConflictSide,
    ConflictSide?,
  ];
  const stay = (side: ConflictSide): ResolvedEntry => ({
    path: taken(path, side) ? variantPath(path, side, taken) : path,
    side,
  });
  if (second === undefined) return [stay(first)];
  if (first.sha === second.sha && isLink(first) === isLink(second)) return [stay(sameContent(first, second))];
  const collides = shortMarker(first) === shortMarker(second);
  const variant = (side: ConflictSide): ResolvedEntry => ({
    path: variantPath(path, side, collides ? () => true : taken),
    side,
  });
  return [gitsOwn.test(path) ? stay(first) : variant(first), variant(second)];
}

function isLink({ mode }: ConflictSide): boolean {
  return mode === '120000';
}

/** What a version is named after. A blob of git counts as the key that git-annex makes of it for exports. */
function nameOf(side: ConflictSide): Key {
  return side.key ?? (`GIT--${side.sha}` as Key);
}

function shortMarker(side: ConflictSide | undefined): string {
  return `.variant-${md5Hex(side === undefined ? ('' as ByteString) : nameOf(side)).slice(0, 4)}`;
}

/** Two versions with the same content: unlocked wins over locked, executable over not. */
function sameContent(a: ConflictSide, b: ConflictSide): ConflictSide {
  const unlocked = [a, b].filter((side) => side.mode !== '120000');
  const [chosen = a] = (unlocked.length > 0 ? unlocked : [a, b]).sort((x, y) => (x.sha < y.sha ? -1 : 1));
  const executable = unlocked.some((side) => side.mode === '100755');
  return executable ? { ...chosen, mode: '100755' as ByteString } : chosen;
}

/**
 * `name.variant-XXXX.ext`, where XXXX is the start of the key's MD5. Where that name is taken, or the file is a variant
 * already, the whole key takes its place.
 */
function variantPath(
  path: ByteString,
  side: ConflictSide,
  taken: (path: ByteString, side: ConflictSide) => boolean,
): ByteString {
  const key = nameOf(side);
  const slash = path.lastIndexOf('/') + 1;
  const name = path.slice(slash);
  const dot = name.lastIndexOf('.');
  const extension = dot < 0 ? '' : name.slice(dot);
  const stem = dot < 0 ? name : name.slice(0, dot);
  const build = (marker: string, end: string): ByteString => {
    const room = Math.max(1, longestName - marker.length - end.length);
    return `${path.slice(0, slash)}${stem.slice(0, room)}${marker}${end}` as ByteString;
  };
  const short = build(shortMarker(side), extension);
  if (!name.includes('.variant-') && !taken(short, side)) return short;
  const whole = `.variant-${keyFileName(key)}`;
  const fits = whole.length + extension.length < longestName;
  return build(fits ? whole : `.variant-${md5Hex(key)}`, extension);
}
