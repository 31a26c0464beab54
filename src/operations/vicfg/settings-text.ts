import { formatSizeExactLong } from '../../domain/data-units.js';
import { compareBytes } from '../../domain/logs/lines.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { STANDARD_EXPRESSIONS } from '../policy/standard-groups.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { SharedSettings } from './shared-settings.js';

const TRUST_LEVELS = ['trusted', 'semitrusted', 'untrusted', 'dead'] as const;

const HEADER = [
  '# git-annex configuration',
  '# ',
  '# Changes saved to this file will be recorded in the git-annex branch.',
  '# ',
  '# Lines in this file have the format:',
  '#   setting field = value',
];

/** The settings as git-annex gives them to an editor: what is set, in the order of its values, then what is not. */
export function settingsText(settings: SharedSettings, known: KnownRepositories): ByteString {
  const text = (a: ByteString, b: ByteString) => compareBytes(a, b);
  const lines = [
    ...HEADER,
    ...section(['Repository trust configuration', `(Valid trust levels: ${TRUST_LEVELS.join(' ')})`]),
    ...byRepository('trust', settings.trust, known, {
      show: (level) => level,
      compare: (a, b) => TRUST_LEVELS.indexOf(a) - TRUST_LEVELS.indexOf(b),
      unset: 'semitrusted',
    }),
    ...section([
      'Repository groups',
      `(Standard groups: ${[...STANDARD_EXPRESSIONS.keys()].join(' ')})`,
      '(Separate group names with spaces)',
    ]),
    ...byRepository('group', settings.groups, known, { show: groupNames, compare: compareGroups }),
    ...section([
      'Repository preferred contents',
      `(Set to "standard" to use a repository's group's preferred contents)`,
    ]),
    ...byRepository('wanted', settings.wanted, known, { show: String, compare: text }),
    ...section([
      'Group preferred contents',
      '(Used by repositories with "groupwanted" in their preferred contents)',
    ]),
    ...groupExpressions(settings),
    ...section([
      'Standard preferred contents',
      '(Used by wanted or groupwanted expressions containing "standard")',
      '(For reference only; built-in and cannot be changed!)',
    ]),
    ...[...STANDARD_EXPRESSIONS].map(([group, expression]) => `# standard ${group} = ${expression}`),
    ...section(['Repository required contents']),
    ...byRepository('required', settings.required, known, { show: String, compare: text }),
    ...section(['Maximum repository sizes']),
    ...byRepository('maxsize', settings.maxsize, known, {
      show: formatSizeExactLong,
      compare: (a, b) => a - b,
    }),
    ...section(['Scheduled activities', '(Separate multiple activities with "; ")']),
    ...byRepository('schedule', settings.schedule, known, { show: String, compare: text }),
    ...section(['Numcopies configuration']),
    copies('numcopies', settings.numcopies),
    copies('mincopies', settings.mincopies),
    ...section(['Other global configuration']),
    ...sorted(settings.config, text).map(([name, value]) => `config ${name} = ${value}`),
  ];
  return `${lines.join('\n')}\n` as ByteString;
}

function section(comments: readonly string[]): string[] {
  return ['', ...comments.map((comment) => `# ${comment}`)];
}

interface Shape<V> {
  readonly show: (value: V) => string;
  readonly compare: (a: V, b: V) => number;
  /** What stands behind a setting that nobody made. */
  readonly unset?: string;
}

function byRepository<V>(
  setting: string,
  values: ReadonlyMap<Uuid, V>,
  known: KnownRepositories,
  { show, compare, unset = '' }: Shape<V>,
): string[] {
  const line = (uuid: Uuid, mark: string, value: string) => [
    `# (for ${known.entry(uuid).description})`,
    `${mark}${setting} ${uuid} = ${value}`,
  ];
  return [
    ...sorted(values, compare).flatMap(([uuid, value]) => line(uuid, '', show(value))),
    ...known.all.filter((uuid) => !values.has(uuid)).flatMap((uuid) => line(uuid, '#', unset)),
  ];
}

function groupExpressions({ groupWanted, groups }: SharedSettings): string[] {
  const names = new Set([...STANDARD_EXPRESSIONS.keys(), ...[...groups.values()].flatMap((one) => [...one])]);
  const unset = [...names].filter((name) => !groupWanted.has(name as ByteString)).sort(compareBytes);
  return [
    ...sorted(groupWanted, compareBytes).map(([group, expression]) => `groupwanted ${group} = ${expression}`),
    ...unset.map((group) => `#groupwanted ${group} = `),
  ];
}

function copies(setting: string, number: number | undefined): string {
  return number === undefined ? `# ${setting} default =` : `${setting} default = ${number}`;
}

/** By value, then by key. */
function sorted<K extends string, V>(values: ReadonlyMap<K, V>, compare: (a: V, b: V) => number): [K, V][] {
  return [...values].sort(([keyA, a], [keyB, b]) => compare(a, b) || compareBytes(keyA, keyB));
}

function groupNames(groups: ReadonlySet<ByteString>): string {
  return [...groups].sort(compareBytes).join(' ');
}

/** Name by name, as lists compare. */
function compareGroups(a: ReadonlySet<ByteString>, b: ReadonlySet<ByteString>): number {
  const [left, right] = [[...a].sort(compareBytes), [...b].sort(compareBytes)];
  for (const [index, name] of left.entries()) {
    const other = right[index];
    const order = other === undefined ? 1 : compareBytes(name, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
