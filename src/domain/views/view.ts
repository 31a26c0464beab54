import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import { decodeBytes } from '../decode-bytes.js';
import { foldField, tagField } from '../metadata.js';
import { compileGlob } from '../matching/glob.js';

/** Which values of a field a view shows. */
export type ViewFilter =
  | { readonly type: 'values' | 'exclude'; readonly values: readonly ByteString[] }
  | { readonly type: 'glob'; readonly glob: ByteString }
  /** Files without such a value are shown too, in the directory `unset`. */
  | { readonly type: 'values-or-unset'; readonly values: readonly ByteString[]; readonly unset: ByteString }
  | { readonly type: 'glob-or-unset'; readonly glob: ByteString; readonly unset: ByteString };

export interface ViewComponent {
  readonly field: ByteString;
  readonly filter: ViewFilter;
  /** Whether the values are a level of directories. */
  readonly visible: boolean;
}

/** A way to show the files of a branch by their metadata (man git-annex-view). */
export interface View {
  /** `refs/heads/main` */
  readonly parent: ByteString;
  readonly components: readonly ViewComponent[];
}

/** How a view differs from the one it was made of. */
export type ViewChange = 'unchanged' | 'narrowing' | 'widening';

/** What a word of the command line asks for: `tag`, `field=value`, `field=glob`, `field!=value`, `!tag`, `?tag`, `field?=glob`. */
export function parseViewWord(
  word: ByteString,
  unset: ByteString,
): { field: ByteString; filter: ViewFilter } {
  const equals = word.indexOf('=');
  if (equals === -1) {
    const sign = word.charAt(0);
    const value = (sign === '!' || sign === '?' ? word.slice(1) : word) as ByteString;
    return { field: tagField, filter: filterOf(sign, value, unset) };
  }
  const value = word.slice(equals + 1) as ByteString;
  const sign = word.charAt(equals - 1);
  const hasSign = equals > 0 && (sign === '!' || sign === '?');
  const field = word.slice(0, hasSign ? equals - 1 : equals) as ByteString;
  return { field, filter: filterOf(hasSign ? sign : '=', value, unset) };
}

function filterOf(sign: string, value: ByteString, unset: ByteString): ViewFilter {
  if (sign === '!') return { type: 'exclude', values: [value] };
  const glob = /[*?]/.test(value);
  if (sign === '?') {
    return glob
      ? { type: 'glob-or-unset', glob: value, unset }
      : { type: 'values-or-unset', values: [value], unset };
  }
  return glob ? { type: 'glob', glob: value } : { type: 'values', values: [value] };
}

/**
 * A view with words taken in, the last first as git-annex does: a field it knows gets the new filter, joined with the old
 * one where both list values; others come in front.
 */
export function refineView(
  view: View,
  words: readonly ByteString[],
  unset: ByteString,
): { view: View; change: ViewChange } {
  let components = [...view.components];
  let change: ViewChange = 'unchanged';
  for (const word of [...words].reverse()) {
    const { field, filter } = parseViewWord(word, unset);
    const id = foldField(field);
    let step: ViewChange = 'unchanged';
    if (!components.some((one) => foldField(one.field) === id)) {
      components = [component(field, filter), ...components];
      step = 'narrowing';
    } else {
      components = components.map((one) => {
        if (foldField(one.field) !== id) return one;
        const [joined, effect] = join(one.filter, filter);
        step = stronger(step, effect);
        return component(field, joined);
      });
    }
    change = stronger(change, step);
  }
  return { view: { ...view, components }, change };
}

const strengths: readonly ViewChange[] = ['unchanged', 'narrowing', 'widening'];

function stronger(a: ViewChange, b: ViewChange): ViewChange {
  return strengths.indexOf(a) > strengths.indexOf(b) ? a : b;
}

function component(field: ByteString, filter: ViewFilter): ViewComponent {
  return { field, filter, visible: isVisible(filter) };
}

function isVisible(filter: ViewFilter): boolean {
  if (filter.type === 'exclude') return false;
  return filter.type !== 'values' || filter.values.length > 1;
}

function join(old: ViewFilter, added: ViewFilter): [ViewFilter, ViewChange] {
  if (old.type === 'values' && added.type === 'values') {
    const values = union(old.values, added.values);
    return [{ type: 'values', values }, values.length === old.values.length ? 'unchanged' : 'widening'];
  }
  if (old.type === 'exclude' && added.type === 'exclude') {
    const values = union(old.values, added.values);
    return [{ type: 'exclude', values }, values.length === old.values.length ? 'unchanged' : 'narrowing'];
  }
  if (old.type === 'values-or-unset' && added.type === 'values-or-unset') {
    const values = union(old.values, added.values);
    const same = values.length === old.values.length;
    return [{ ...added, values }, same ? 'unchanged' : 'widening'];
  }
  if (added.type === 'exclude') return [added, 'narrowing'];
  return [added, isWithin(added, old) ? 'narrowing' : 'widening'];
}

/** Whether every value that the first filter lets through passes the second too. */
function isWithin(inner: ViewFilter, outer: ViewFilter): boolean {
  if ('unset' in inner && !('unset' in outer)) return false;
  if (outer.type === 'glob' || outer.type === 'glob-or-unset') {
    const { matches } = compileGlob(outer.glob, { ignoreCase: true });
    return 'glob' in inner ? matches(inner.glob) : inner.type !== 'exclude' && inner.values.every(matches);
  }
  if (outer.type !== 'values-or-unset' || !('values' in inner)) return false;
  return inner.values.every((value) => outer.values.includes(value));
}

function union(a: readonly ByteString[], b: readonly ByteString[]): ByteString[] {
  return [...new Set([...a, ...b])].sort();
}

/** A view with a further filter in front, which adds no directories. */
export function filterView(view: View, words: readonly ByteString[], unset: ByteString): View {
  const added = refineView({ parent: view.parent, components: [] }, words, unset).view.components;
  const hidden = added.map((one) => ({ ...one, visible: false }));
  return { ...view, components: [...hidden, ...view.components] };
}

/** A view with its first level of directories moved to the end. */
export function cycleView(view: View): View {
  const { components } = view;
  const first = components.findIndex(({ visible }) => visible);
  const skipped = components.slice(0, first === -1 ? components.length : first).reverse();
  if (first === -1) return { ...view, components: skipped };
  const moved = components[first] as ViewComponent;
  return { ...view, components: [...skipped, ...components.slice(first + 1), moved] };
}

/** Levels of directories. */
export function viewDepth({ components }: View): number {
  return components.filter(({ visible }) => visible).length;
}

/** `refs/heads/views/main(year=_;tag=a)` */
export function viewBranch({ parent, components }: View): ByteString {
  const name = parent.replace(/^refs\/heads\//, '');
  const words = components.map(({ field, filter }) => {
    const sign = filter.type === 'exclude' ? '!=' : '=';
    const values = 'glob' in filter ? [filter.glob] : filter.values;
    return `${legal(field)}${sign}${values.map(legal).join(',')}`;
  });
  return `refs/heads/views/${name}(${words.join(';')})` as ByteString;
}

/** A text as it is where a ref may be named so, else with `_` for all but letters and digits. */
function legal(text: ByteString): ByteString {
  if (isRefName(text)) return text;
  const safe = decodeBytes(text).replace(/[^\p{L}\p{N}]/gu, '_');
  return fromText(safe);
}

function isRefName(text: ByteString): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git forbids control characters
  if (text === '' || /[\x00-\x20\x7f~^:?*[\\]|\.\.|\/\/|@\{|^\/|\/$|\.$|^@$/.test(text)) return false;
  return text.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

export function sameView(a: View, b: View): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The branch's name to people: `views/main(tag=a)`. */
export function shortViewBranch(view: View): string {
  return toText(viewBranch(view)).replace(/^refs\/heads\//, '');
}
