import { md5Hex } from '../domain/md5.js';
import type { ByteString } from '../lib/bytes.js';

/** A version of a file that conflicted, as far as choosing among versions needs to know it. */
export interface Version {
  readonly path: ByteString;
  /** When it was changed, in seconds since 1970; undefined when that is not known. */
  readonly time: number | undefined;
}

/** The versions of one file that came out of a merge. */
export interface Conflict<V extends Version = Version> {
  /** The name all sides had given the file. */
  readonly path: ByteString;
  readonly versions: readonly V[];
}

/** Versions to keep, under which names, and versions to remove. */
export interface KeepPlan {
  readonly keep: readonly { readonly from: ByteString; readonly to: ByteString }[];
  readonly remove: readonly ByteString[];
}

/**
 * The path that a variant's name was made from; undefined when the name is not a variant's.
 * @param names what a long variant name has after `.variant-`: the file name of the key, or what a plain file is named after
 */
export function variantOf(path: ByteString, names: readonly ByteString[]): ByteString | undefined {
  const slash = path.lastIndexOf('/') + 1;
  const folder = path.slice(0, slash);
  const name = path.slice(slash);
  for (const whole of names.flatMap((known) => [known, md5Hex(known)])) {
    const marker = `.variant-${whole}`;
    const at = name.lastIndexOf(marker);
    const rest = name.slice(at + marker.length);
    if (at >= 0 && isExtension(rest)) return `${folder}${name.slice(0, at)}${rest}` as ByteString;
  }
  const short = /^(.*)\.variant-[0-9a-f]{4}(\.[^.]*)?$/s.exec(name);
  const original = short === null ? '' : `${short[1]}${short[2] ?? ''}`;
  return original === '' ? undefined : (`${folder}${original}` as ByteString);
}

/** The name of the file that a chain of conflicts began with: `f.txt` for a variant of `f.variant-1a2b.txt`. */
export function rootOf(original: ByteString): ByteString {
  const next = variantOf(original, []);
  return next === undefined ? original : rootOf(next);
}

function isExtension(rest: string): boolean {
  return rest === '' || (rest.startsWith('.') && !rest.includes('.', 1));
}

/** The version that was changed last; of several, the first by name. */
export function newestOf<V extends Version>(versions: readonly V[]): V {
  const newest = [...versions].sort((a, b) => (b.time ?? 0) - (a.time ?? 0) || (a.path < b.path ? -1 : 1))[0];
  if (newest === undefined) throw new RangeError('a conflict without versions');
  return newest;
}

/** Keeps one version, under the conflict's own name, and removes the others. */
export function keepOne({ path, versions }: Conflict, kept: Version): KeepPlan {
  const others = versions.filter((version) => version.path !== kept.path && version.path !== path);
  return {
    keep: [{ from: kept.path, to: path }],
    remove: others.map((version) => version.path),
  };
}

/**
 * Keeps all versions under ordinary names: one keeps or takes the conflict's own name (the one that has it, otherwise the
 * newest), the others are numbered: `photo-2.jpg`, `photo-3.jpg`, from the newest to the oldest.
 * @param taken whether there is something else of that name
 */
export function keepAll({ path, versions }: Conflict, taken: (path: ByteString) => boolean): KeepPlan {
  const first = versions.find((version) => version.path === path) ?? newestOf(versions);
  const keep = [{ from: first.path, to: path }];
  let left = versions.filter((version) => version !== first);
  for (let number = 2; left.length > 0; number++) {
    const to = numbered(path, number);
    if (taken(to)) continue;
    const next = newestOf(left);
    keep.push({ from: next.path, to });
    left = left.filter((version) => version !== next);
  }
  return { keep: keep.filter(({ from, to }) => from !== to), remove: [] };
}

function numbered(path: ByteString, number: number): ByteString {
  const slash = path.lastIndexOf('/') + 1;
  const dot = path.lastIndexOf('.');
  const at = dot > slash ? dot : path.length;
  return `${path.slice(0, at)}-${number}${path.slice(at)}` as ByteString;
}
