import type { ByteString } from '../../lib/bytes.js';
import { parseSize } from '../data-units.js';
import { parseDuration } from '../duration.js';
import { type CopiesTerm, parseBalanceTerm, parseCopiesTerm, parseLackingTerm } from './copies-terms.js';
import type { Glob } from './glob.js';
import { compileGlob } from './glob.js';

export type MetadataComparison = '<' | '<=' | '>' | '>=';

/** One question that an expression asks. */
export type Term =
  | { readonly type: 'include' | 'exclude'; readonly glob: Glob }
  | { readonly type: 'include-same-content' | 'exclude-same-content'; readonly glob: Glob }
  | { readonly type: 'larger-than' | 'smaller-than'; readonly bytes: number }
  | { readonly type: 'mime-type' | 'mime-encoding' | 'url'; readonly glob: Glob }
  | { readonly type: 'anything' | 'nothing' | 'present' | 'expected-present' | 'unused' | 'secure-hash' }
  | { readonly type: 'locked' | 'unlocked' | 'in-preferred-directory' }
  | CopiesTerm
  /** `date` as in `in=here@{yesterday}`; undefined: now. */
  | { readonly type: 'in'; readonly repository: ByteString; readonly date: ByteString | undefined }
  | { readonly type: 'in-backend'; readonly backend: ByteString }
  | { readonly type: 'in-all-group' | 'only-in-group'; readonly group: ByteString }
  | { readonly type: 'metadata-glob'; readonly field: ByteString; readonly glob: Glob }
  | {
      readonly type: 'metadata-compare';
      readonly field: ByteString;
      readonly comparison: MetadataComparison;
      readonly value: ByteString;
    }
  | { readonly type: 'standard' | 'group-wanted' }
  | { readonly type: 'want-get' | 'want-drop'; readonly repository: ByteString | undefined }
  /** Seconds. */
  | { readonly type: 'accessed-within'; readonly seconds: number }
  /** What we do not know: never decides anything. */
  | { readonly type: 'unknown'; readonly text: ByteString };

/** Where an expression stands decides which terms it may have. */
export type Vocabulary = 'largefiles' | 'preferred-content' | 'command-line';

type TermParser = (value: ByteString, name: string) => Term | string;

const glob =
  (
    type:
      | 'include'
      | 'exclude'
      | 'include-same-content'
      | 'exclude-same-content'
      | 'mime-type'
      | 'mime-encoding'
      | 'url',
  ) =>
  (value: ByteString): Term => ({ type, glob: compileGlob(value) });

const size =
  (type: 'larger-than' | 'smaller-than') =>
  (value: ByteString): Term | string => {
    const bytes = parseSize(value);
    return bytes === undefined ? 'bad size' : { type, bytes };
  };

const group =
  (type: 'in-all-group' | 'only-in-group') =>
  (value: ByteString): Term => ({ type, group: value });

/** Terms that take no value, by name. */
const plain: { readonly [name: string]: Term } = {
  anything: { type: 'anything' },
  nothing: { type: 'nothing' },
  present: { type: 'present' },
  'expected-present': { type: 'expected-present' },
  unused: { type: 'unused' },
  securehash: { type: 'secure-hash' },
  locked: { type: 'locked' },
  unlocked: { type: 'unlocked' },
  inpreferreddir: { type: 'in-preferred-directory' },
  standard: { type: 'standard' },
  groupwanted: { type: 'group-wanted' },
  'want-get': { type: 'want-get', repository: undefined },
  'want-drop': { type: 'want-drop', repository: undefined },
};

/** Terms of the form `NAME=VALUE`, by name. */
const valued: { readonly [name: string]: TermParser } = {
  include: glob('include'),
  exclude: glob('exclude'),
  includesamecontent: glob('include-same-content'),
  excludesamecontent: glob('exclude-same-content'),
  mimetype: glob('mime-type'),
  mimeencoding: glob('mime-encoding'),
  url: glob('url'),
  largerthan: size('larger-than'),
  smallerthan: size('smaller-than'),
  copies: parseCopiesTerm,
  lackingcopies: parseLackingTerm('lacking-copies'),
  approxlackingcopies: parseLackingTerm('approx-lacking-copies'),
  in: parseIn,
  inbackend: (backend) => ({ type: 'in-backend', backend }),
  inallgroup: group('in-all-group'),
  onlyingroup: group('only-in-group'),
  metadata: parseMetadataTerm,
  balanced: parseBalanceTerm,
  fullybalanced: parseBalanceTerm,
  sizebalanced: parseBalanceTerm,
  fullysizebalanced: parseBalanceTerm,
  'want-get-by': (repository) => ({ type: 'want-get', repository }),
  'want-drop-by': (repository) => ({ type: 'want-drop', repository }),
  accessedwithin: (value) => {
    const seconds = parseDuration(value);
    return seconds === undefined ? 'bad duration' : { type: 'accessed-within', seconds };
  },
};

const everywhere = ['include', 'exclude', 'largerthan', 'smallerthan', 'anything', 'nothing', 'unused'];
const byKey = [
  ...everywhere,
  ...[
    'copies',
    'lackingcopies',
    'approxlackingcopies',
    'inbackend',
    'inallgroup',
    'onlyingroup',
    'metadata',
    'securehash',
  ],
];
const vocabularies: { readonly [vocabulary in Vocabulary]: ReadonlySet<string> } = {
  largefiles: new Set([...everywhere, 'mimetype', 'mimeencoding']),
  'preferred-content': new Set([
    ...byKey,
    ...['present', 'inpreferreddir', 'standard', 'groupwanted', 'url'],
    ...['balanced', 'fullybalanced', 'sizebalanced', 'fullysizebalanced'],
  ]),
  'command-line': new Set([
    ...byKey,
    ...[
      'in',
      'expected-present',
      'includesamecontent',
      'excludesamecontent',
      'locked',
      'unlocked',
      'mimetype',
      'mimeencoding',
    ],
    ...['want-get', 'want-drop', 'want-get-by', 'want-drop-by', 'accessedwithin', 'url'],
  ]),
};

/** A term from its text (`copies=2`), or what is wrong with it, in git-annex's words. */
export function parseTerm(text: ByteString, vocabulary: Vocabulary): Term | string {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  if (vocabularies[vocabulary].has(name)) {
    const fixed = equals === -1 && Object.hasOwn(plain, name) ? plain[name] : undefined;
    if (fixed !== undefined) return fixed;
    const parse = Object.hasOwn(valued, name) ? valued[name] : undefined;
    if (parse !== undefined) return parse((equals === -1 ? '' : text.slice(equals + 1)) as ByteString, name);
  }
  return `near "${text}"`;
}

function parseIn(value: ByteString): Term {
  const match = /^(.*)@\{(.*)\}$/s.exec(value);
  if (match === null) return { type: 'in', repository: value, date: undefined };
  return { type: 'in', repository: match[1] as ByteString, date: match[2] as ByteString };
}

function parseMetadataTerm(value: ByteString): Term | string {
  const [, name = '', operator = '=', operand = ''] = /^([^=<>]*)(?:(<=|>=|[=<>])(.*))?$/s.exec(value) ?? [];
  const field = name.toLowerCase() as ByteString;
  if (!/^[A-Za-z0-9_.\-\x80-\xff]+$/.test(name)) return `Illegal metadata field name, "${name}"`;
  if (operator === '=') {
    return { type: 'metadata-glob', field, glob: compileGlob(operand as ByteString, { ignoreCase: true }) };
  }
  return {
    type: 'metadata-compare',
    field,
    comparison: operator as MetadataComparison,
    value: operand as ByteString,
  };
}
