import { AnnexError } from '../../domain/errors.js';

/**
 * A boolean as git reads it: `true`/`yes`/`on` and whole numbers but 0, `false`/`no`/`off`/`0`/empty, in any case.
 * Throws `AnnexError('invalid-setting')` naming the setting.
 */
export function parseBoolean(name: string, value: string): boolean {
  const word = value.toLowerCase();
  if (word === 'true' || word === 'yes' || word === 'on') return true;
  if (word === 'false' || word === 'no' || word === 'off' || word === '') return false;
  if (/^[+-]?\d{1,18}$/.test(word)) return Number(word) !== 0;
  throw invalid(name, value, 'is neither true nor false');
}

const INTEGER_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A whole number as git reads it, with a binary suffix k, m or g. */
export function parseInteger(name: string, value: string): number {
  const match = /^[ \t-\r]*([+-]?\d{1,18})([kmg]?)[ \t-\r]*$/i.exec(value);
  const number = Number(match?.[1]) * (INTEGER_UNITS[match?.[2]?.toLowerCase() ?? ''] ?? 1);
  if (match === null || !Number.isSafeInteger(number)) throw invalid(name, value, 'is not a whole number');
  return number;
}

const PREFIXES = ['', 'k', 'm', 'g', 't', 'p', 'e', 'z', 'y'];
const DECIMAL = ['', 'kilo', 'mega', 'giga', 'tera', 'peta', 'exa', 'zetta', 'yotta'];
const BINARY = ['', 'kibi', 'mebi', 'gibi', 'tebi', 'pebi', 'exbi', 'zebi', 'yobi'];

/** Bytes per unit, by lower case name (measured: `git annex matchexpression largerthan=1UNIT`). */
const SIZE_UNITS: ReadonlyMap<string, number> = new Map(
  PREFIXES.flatMap((prefix, power): [string, number][] => {
    const decimal = 1000 ** power;
    const bytes = [`${DECIMAL[power]}byte`, `${DECIMAL[power]}bytes`, `${prefix}b`].map(
      (unit): [string, number] => [unit, decimal],
    );
    if (power === 0) return [...bytes, ['', 1]];
    const binary = [`${BINARY[power]}byte`, `${BINARY[power]}bytes`, `${prefix}ib`, `${prefix}i`];
    const bits = [`${prefix}bit`, `${DECIMAL[power]}bit`, `${DECIMAL[power]}bits`];
    return [
      ...bytes,
      [prefix, decimal],
      ...binary.map((unit): [string, number] => [unit, 1024 ** power]),
      ...bits.map((unit): [string, number] => [unit, decimal / 8]),
    ];
  }),
);

/** The bytes of a size as git-annex writes and reads them: `100 MB`, `0.5 gb`, `1 gibibyte`; undefined: not a size. */
export function parseSize(text: string): number | undefined {
  const match = /^[ \t-\r]*(\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?)[ \t-\r]*([a-z]*)[ \t-\r]*$/i.exec(text);
  const unit = SIZE_UNITS.get(match?.[2]?.toLowerCase() ?? '');
  if (match === null || unit === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isFinite(bytes) ? bytes : undefined;
}

/** `parseSize`, throwing `AnnexError('invalid-setting')` that names the setting. */
export function parseSizeSetting(name: string, value: string): number {
  const bytes = parseSize(value);
  if (bytes === undefined) throw invalid(name, value, 'is not a size (such as "100 MB")');
  return bytes;
}

function invalid(name: string, value: string, what: string): AnnexError {
  const shown = value.length > 100 ? `${value.slice(0, 100)}...` : value;
  return new AnnexError('invalid-setting', `The setting ${name} ${what}: ${JSON.stringify(shown)}`, {
    hint: `git config ${name} shows it; git config --show-origin --get-all ${name} tells where it is set.`,
  });
}
