import type { Random } from './random.js';

/** Groups, some without members, of the scenes that random expressions are asked in. */
export const GROUPS = ['g1', 'g2', 'archive', 'client', 'backup', 'smallarchive', 'nosuch'];

const leaves: readonly ((random: Random) => string)[] = [
  (r) => `include=${glob(r)}`,
  (r) => `exclude=${glob(r)}`,
  (r) =>
    `${r.pick(['largerthan', 'smallerthan'])}=${r.pick(['0', '5', '5b', '1kb', '2KiB', '0.5kb', '1gb'])}`,
  (r) => `copies=${r.pick(['', '', ...TRUSTS, ...GROUPS.map((name) => `${name}:`)])}${r.below(5)}`,
  (r) => `${r.pick(['lackingcopies', 'approxlackingcopies'])}=${r.pick(['0', '1', '2', '3', '-1'])}`,
  (r) => `${r.pick(['inallgroup', 'onlyingroup'])}=${r.pick(GROUPS)}`,
  (r) => `inbackend=${r.pick(['SHA256E', 'MD5E', 'WORM', 'URL'])}`,
  (r) =>
    `metadata=${r.pick(['tag=done', 'TAG=D*', 'tag=', 'year>=2001', 'year<2002', 'year>2000', 'year<=1e3', 'title<=m', 'author=*sm?th', 'pages>20', 'nosuch=*'])}`,
  (r) => r.pick(['present', 'securehash', 'inpreferreddir', 'anything', 'nothing', 'unused']),
  (r) => r.pick(['standard', 'groupwanted', 'present', 'inpreferreddir']),
  (r) =>
    `${r.pick(['balanced', 'fullybalanced', 'sizebalanced', 'fullysizebalanced'])}=${r.pick(GROUPS)}${r.pick(['', '', ':1', ':2', ':3', ':0'])}`,
];

const TRUSTS = ['trusted:', 'semitrusted+:', 'semitrusted:', 'untrusted+:', 'untrusted:', 'dead:'];

function glob(random: Random): string {
  return random.pick([
    '*',
    '*.mp3',
    '*/*',
    'a*',
    '?.txt',
    '[A-Z]*',
    'archive/*',
    '*/archive/*',
    '*[[:digit:]]*',
    'd/*',
  ]);
}

/** A preferred content expression with parentheses, `not`s and words side by side; now and then a broken one. */
export function randomExpression(random: Random, depth = 3): string {
  const kind = random.below(10);
  if (depth === 0 || kind < 3) {
    return random.below(60) === 0
      ? random.pick(['future=1', 'copies=x', 'not', ')', '('])
      : random.pick(leaves)(random);
  }
  const inner = () => randomExpression(random, depth - 1);
  if (kind === 3) return `not ${inner()}`;
  if (kind === 4) return `not (${inner()})`;
  if (kind === 5) return `(${inner()})`;
  if (kind === 6) return `${inner()} ${inner()}`;
  return `${inner()} ${random.pick(['and', 'or', 'and', 'or', 'or not', 'and not'])} ${inner()}`;
}
