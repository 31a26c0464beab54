import { type ByteString, fromText } from '../../lib/bytes.js';
import { decodeBytes } from '../decode-bytes.js';
import { readText, showText } from './haskell-text.js';
import type { View, ViewComponent, ViewFilter } from './view.js';

/**
 * git-annex's `.git/annex/viewlog`: a view on each line, the latest first, as Haskell's `show` writes it. Lines that cannot
 * be read are left out.
 */
export function parseViewLog(content: ByteString): View[] {
  return content.split('\n').flatMap((line) => (line === '' ? [] : (parseView(line) ?? [])));
}

export function formatViewLog(views: readonly View[]): ByteString {
  return views.map((view) => `${formatView(view)}\n`).join('') as ByteString;
}

/** Bytes are shown each for itself where git-annex keeps bytes, as code points where it keeps text. */
const showBytes = (bytes: ByteString) => showText(Array.from(bytes, (char) => char.charCodeAt(0)));
const showDecoded = (bytes: ByteString) =>
  showText(Array.from(decodeBytes(bytes), (char) => char.codePointAt(0) as number));

function formatView({ parent, components }: View): string {
  const shown = components.map(
    ({ field, filter, visible }) =>
      `ViewComponent {viewField = MetaField ${showDecoded(field)}, viewFilter = ${formatFilter(filter)}, ` +
      `viewVisible = ${visible ? 'True' : 'False'}}`,
  );
  return `View {viewParentBranch = Ref ${showBytes(parent)}, viewComponents = [${shown.join(',')}]}`;
}

function formatFilter(filter: ViewFilter): string {
  const list = (values: readonly ByteString[]) =>
    `(fromList [${values.map((value) => `MetaValue (CurrentlySet True) ${showBytes(value)}`).join(',')}])`;
  switch (filter.type) {
    case 'values':
      return `FilterValues ${list(filter.values)}`;
    case 'exclude':
      return `ExcludeValues ${list(filter.values)}`;
    case 'glob':
      return `FilterGlob ${showDecoded(filter.glob)}`;
    case 'glob-or-unset':
      return `FilterGlobOrUnset ${showDecoded(filter.glob)} (ViewUnset ${showDecoded(filter.unset)})`;
    case 'values-or-unset':
      return `FilterValuesOrUnset ${list(filter.values)} (ViewUnset ${showDecoded(filter.unset)})`;
  }
}

/** Reads pieces of a line in turn; `undefined` once something is not as expected. */
interface Reader {
  word(expected: string): boolean;
  bytes(): ByteString | undefined;
  decoded(): ByteString | undefined;
}

function createReader(line: string): Reader {
  let at = 0;
  const text = () => {
    const read = readText(line, at);
    if (read !== undefined) at = read.end;
    return read?.codes;
  };
  return {
    word(expected) {
      if (!line.startsWith(expected, at)) return false;
      at += expected.length;
      return true;
    },
    bytes() {
      const codes = text();
      if (codes?.some((code) => code > 0xff)) return undefined;
      return codes && (String.fromCharCode(...codes) as ByteString);
    },
    decoded() {
      const codes = text();
      if (codes?.some((code) => code > 0x10ffff)) return undefined;
      return codes?.map(encodeCode).join('') as ByteString | undefined;
    },
  };
}

/** The byte that a code from U+DC80 stands for, or the char's UTF-8. */
function encodeCode(code: number): string {
  return code >= 0xdc80 && code <= 0xdcff
    ? String.fromCharCode(code - 0xdc00)
    : fromText(String.fromCodePoint(code));
}

function parseView(line: string): View | undefined {
  const reader = createReader(line);
  if (!reader.word('View {viewParentBranch = Ref ')) return undefined;
  const parent = reader.bytes();
  if (parent === undefined || !reader.word(', viewComponents = [')) return undefined;
  const components: ViewComponent[] = [];
  while (!reader.word(']')) {
    if (components.length > 0 && !reader.word(',')) return undefined;
    const component = parseComponent(reader);
    if (component === undefined) return undefined;
    components.push(component);
  }
  return reader.word('}') ? { parent, components } : undefined;
}

function parseComponent(reader: Reader): ViewComponent | undefined {
  if (!reader.word('ViewComponent {viewField = MetaField ')) return undefined;
  const field = reader.decoded();
  if (field === undefined || !reader.word(', viewFilter = ')) return undefined;
  const filter = parseFilter(reader);
  if (filter === undefined || !reader.word(', viewVisible = ')) return undefined;
  const visible = reader.word('True');
  if (!visible && !reader.word('False')) return undefined;
  return reader.word('}') ? { field, filter, visible } : undefined;
}

function parseFilter(reader: Reader): ViewFilter | undefined {
  if (reader.word('FilterValuesOrUnset ')) {
    const values = parseValues(reader);
    const unset = values && parseUnset(reader);
    return values && unset !== undefined ? { type: 'values-or-unset', values, unset } : undefined;
  }
  if (reader.word('FilterGlobOrUnset ')) {
    const glob = reader.decoded();
    const unset = parseUnset(reader);
    return glob !== undefined && unset !== undefined ? { type: 'glob-or-unset', glob, unset } : undefined;
  }
  if (reader.word('FilterGlob ')) {
    const glob = reader.decoded();
    return glob === undefined ? undefined : { type: 'glob', glob };
  }
  const type = reader.word('FilterValues ')
    ? 'values'
    : reader.word('ExcludeValues ')
      ? 'exclude'
      : undefined;
  const values = type && parseValues(reader);
  return type && values ? { type, values } : undefined;
}

function parseUnset(reader: Reader): ByteString | undefined {
  if (!reader.word(' (ViewUnset ')) return undefined;
  const unset = reader.decoded();
  return reader.word(')') ? unset : undefined;
}

function parseValues(reader: Reader): ByteString[] | undefined {
  if (!reader.word('(fromList [')) return undefined;
  const values: ByteString[] = [];
  while (!reader.word('])')) {
    if (values.length > 0 && !reader.word(',')) return undefined;
    if (!reader.word('MetaValue (CurrentlySet True) ') && !reader.word('MetaValue (CurrentlySet False) '))
      return undefined;
    const value = reader.bytes();
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}
