import type { ByteString } from '../../lib/bytes.js';
import { fromText } from '../../lib/bytes.js';
import { defaultExtensionLimits, type ExtensionLimits } from '../extension.js';
import { compileGlob } from '../matching/glob.js';
import { foldField } from '../metadata.js';
import type { View, ViewComponent, ViewFilter } from './view.js';

/** Values by field name in lower case. */
export type FieldValues = ReadonlyMap<string, readonly ByteString[]>;

const SLASH = fromText('\u2215');
const BACKSLASH = fromText('\u2572');

/** A value as the name of a directory: `/`, `\` and `%` can't be in it as they are. */
export function directoryOf(value: ByteString): ByteString {
  return value.replace(/[/\\%]/g, (char) =>
    char === '/' ? SLASH : char === '\\' ? BACKSLASH : '%%',
  ) as ByteString;
}

/** The value that a user means by a directory's name. */
export function valueOfDirectory(name: ByteString): ByteString {
  return name.replaceAll('%%', '%') as ByteString;
}

/**
 * The name that a file has in a view, which tells its path in the branch: `foo/bar.baz` is `bar_%foo%.baz`.
 * @param path relative to the top
 */
export function viewedName(path: ByteString, limits: ExtensionLimits = defaultExtensionLimits): ByteString {
  const parts = path.split('/');
  const name = parts.pop() as string;
  if (parts.length === 0) return escaped(name);
  const [base, extension] = splitExtension(name, limits);
  return `${escaped(base)}_%${parts.map(escaped).join('%')}%${escaped(extension)}` as ByteString;
}

function escaped(text: string): ByteString {
  return text.replace(/[%\\]/g, '\\$&') as ByteString;
}

/** Short parts at the end of the name, whatever they hold; something must be left before them. */
function splitExtension(name: string, { length, count }: ExtensionLimits): [string, string] {
  let base = name;
  for (let i = 0; i < count; i++) {
    const dot = base.lastIndexOf('.');
    if (dot <= 0 || base.length - dot - 1 > length) break;
    base = base.slice(0, dot);
  }
  return [base, name.slice(base.length)];
}

/** The path in the branch that a name in a view tells; names that were not made for a view are themselves. */
export function pathOfViewedName(name: ByteString): ByteString {
  const pieces: string[] = [''];
  let marked = false;
  for (let i = 0; i < name.length; i++) {
    const char = name.charAt(i);
    if (char === '\\' && i + 1 < name.length) pieces[pieces.length - 1] += name.charAt(++i);
    else if (!marked && char === '_' && name.charAt(i + 1) === '%') {
      marked = true;
      pieces.push('');
      i++;
    } else if (marked && char === '%') pieces.push('');
    else pieces[pieces.length - 1] += char;
  }
  if (pieces.length < 3) return pieces.join('') as ByteString;
  const [base = '', ...rest] = pieces;
  const extension = rest.pop() as string;
  return `${rest.join('/')}/${base}${extension}` as ByteString;
}

/** The fields that stand for the directories of a path: `foo/bar/file` has `/=foo`, `foo/=bar` and `foo/bar/=`. */
export function locationFields(path: ByteString): Map<string, readonly ByteString[]> {
  const parts = path.split('/') as ByteString[];
  parts.pop();
  const fields = new Map<string, readonly ByteString[]>();
  for (let i = 0; i <= parts.length; i++) {
    const field = `${parts.slice(0, i).join('/')}/` as ByteString;
    fields.set(foldField(field), [parts[i] ?? ('' as ByteString)]);
  }
  return fields;
}

export function isLocationField(field: ByteString): boolean {
  return field.includes('/');
}

/** Decides where the files of a view are. */
export interface ViewPaths {
  /** The directories that a file with these fields is shown in, `''` for the top; none: it is not in the view. */
  directories(fields: FieldValues): ByteString[];
}

export function createViewPaths({ components }: View): ViewPaths {
  const matchers = components.map(matcherOf);
  return {
    directories(fields) {
      let found: string[] = [''];
      for (const match of matchers) {
        const names = match(fields);
        if (names === undefined) return [];
        if (names === 'hidden') continue;
        found = found.flatMap((above) =>
          names.map((name) => (above === '' || name === '' ? `${above}${name}` : `${above}/${name}`)),
        );
      }
      return [...new Set(found)] as ByteString[];
    },
  };
}

type Matcher = (fields: FieldValues) => readonly string[] | 'hidden' | undefined;

function matcherOf({ field, filter, visible }: ViewComponent): Matcher {
  const id = foldField(field);
  const passes = valueTest(filter);
  return (fields) => {
    const values = fields.get(id) ?? [];
    if (filter.type === 'exclude') return values.some(passes) ? undefined : 'hidden';
    const matching = values.filter(passes);
    if (matching.length === 0 && !('unset' in filter)) return undefined;
    if (!visible) return 'hidden';
    if (matching.length === 0 && 'unset' in filter) return [filter.unset];
    return matching.map(directoryOf).map((name) => (name === '.' ? '' : name));
  };
}

function valueTest(filter: ViewFilter): (value: ByteString) => boolean {
  if ('glob' in filter) return compileGlob(filter.glob, { ignoreCase: true }).matches;
  const values = new Set(filter.values);
  return (value) => values.has(value);
}

/**
 * The values that a path in a view stands for, by field, as far as it has directories for the levels of the view. A
 * directory for unset values stands for none.
 * @param known the values that the file has already: of several that make the same directory one of these is meant
 */
export function fieldsOfViewPath(
  { components }: View,
  path: ByteString,
  known: (field: ByteString) => readonly ByteString[],
): { readonly field: ByteString; readonly value: ByteString }[] {
  const directories = path.split('/').slice(0, -1) as ByteString[];
  const levels = components.filter(({ visible }) => visible);
  return levels.flatMap(({ field, filter }, i) => {
    const name = directories[i];
    if (name === undefined || isLocationField(field)) return [];
    if ('unset' in filter && filter.unset === name) return [];
    const value = known(field).find((one) => directoryOf(one) === name) ?? valueOfDirectory(name);
    return [{ field, value }];
  });
}
