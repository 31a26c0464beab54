const decimalPrefixes = [
  '',
  'kilo',
  'mega',
  'giga',
  'tera',
  'peta',
  'exa',
  'zetta',
  'yotta',
  'ronna',
  'quetta',
];
const binaryPrefixes = ['', 'kibi', 'mebi', 'gibi', 'tebi', 'pebi', 'exbi', 'zebi', 'yobi'];
const decimalLetters = ['', 'k', 'm', 'g', 't', 'p', 'e', 'z', 'y', 'r', 'q'];
const shortNames = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB', 'RB', 'QB'];

/** Bytes of each unit, by its name in lower case. */
const units = new Map<string, number>([
  ['', 1],
  ['b', 1],
]);
decimalPrefixes.forEach((prefix, power) => {
  addUnit(`${prefix}byte`, 1000 ** power);
  if (power > 0) {
    units.set(`${decimalLetters[power]}b`, 1000 ** power);
    units.set(decimalLetters[power] as string, 1000 ** power);
  }
  if (power > 0 && power < 9) {
    units.set(`${decimalLetters[power]}bit`, 1000 ** power / 8);
    addUnit(`${prefix}bit`, 1000 ** power / 8);
  }
});
binaryPrefixes.forEach((prefix, power) => {
  if (power === 0) return;
  addUnit(`${prefix}byte`, 1024 ** power);
  units.set(`${decimalLetters[power]}ib`, 1024 ** power);
  units.set(`${decimalLetters[power]}i`, 1024 ** power);
});

function addUnit(name: string, bytes: number): void {
  units.set(name, bytes);
  units.set(`${name}s`, bytes);
}

/**
 * A size as people write it, in bytes: `100 mb`, `1.5GiB`, `2 megabytes`, `10`. Case does not matter, `k` is 1000 and
 * `ki` 1024, fractions of a byte are rounded (half to even); text after the unit is ignored, as git-annex does. Undefined
 * when it is no size.
 */
export function parseSize(text: string): number | undefined {
  const match = /^[ \t-\r]*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)[ \t-\r]*([A-Za-z\u0080-\uffff]*)/.exec(text);
  const unit = match === null ? undefined : units.get((match[2] as string).toLowerCase());
  if (match === null || unit === undefined) return undefined;
  const bytes = roundHalfEven(Number(match[1]) * unit);
  return Number.isFinite(bytes) ? bytes : undefined;
}

/** Bytes in powers of 1000 with at most two decimals, `1.05 MB`: git-annex's `humansize`. */
export function formatSizeShort(bytes: number): string {
  const [value, power] = scale(bytes);
  return `${value} ${shortNames[power]}`;
}

/** The same with names written out, `1.05 megabytes`, `1 byte`: what `info` shows. */
export function formatSizeLong(bytes: number): string {
  const [value, power] = scale(bytes);
  return `${value} ${decimalPrefixes[power]}byte${value === '1' ? '' : 's'}`;
}

/** Bytes in powers of 1000 without decimals, a tie to even: `12 GB`. What the table of `maxsize` shows. */
export function formatSizeWhole(bytes: number): string {
  const power = powerOf(bytes);
  return `${roundHalfEven(bytes / 1000 ** power)} ${shortNames[power]}`;
}

/** Bytes in powers of 1000 with all decimals, and one at least: `1.0 MB`, `123.456789 MB`. */
export function formatSizeExact(bytes: number): string {
  const power = powerOf(bytes);
  return `${allDecimals(bytes / 1000 ** power)} ${shortNames[power]}`;
}

/** The same with names written out, `99.0 terabytes`, `1.0 bytes`: what `vicfg` shows. */
export function formatSizeExactLong(bytes: number): string {
  const power = powerOf(bytes);
  return `${allDecimals(bytes / 1000 ** power)} ${decimalPrefixes[power]}bytes`;
}

function scale(bytes: number): [string, number] {
  const power = powerOf(bytes);
  return [twoDecimals(bytes / 1000 ** power), power];
}

function powerOf(bytes: number): number {
  let power = 0;
  while (power < shortNames.length - 1 && Math.abs(bytes) >= 1000 ** (power + 1)) power++;
  return power;
}

function allDecimals(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Rounded to two decimals by the exact value, a tie to even; without zeros at the end. */
function twoDecimals(value: number): string {
  const isTie = Number.isInteger(value * 8) && !Number.isInteger(value * 4);
  const rounded = isTie ? roundHalfEven(value * 100) / 100 : Number(value.toFixed(2));
  return String(rounded);
}

/** To the nearest whole number, a tie to the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
