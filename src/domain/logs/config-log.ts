import type { ByteString } from '../../lib/bytes.js';
import type { VectorClock } from '../vector-clock.js';
import { rawCodec } from './codec.js';
import { fieldLog } from './lines-by-field.js';

export const configLogPath = 'config.log' as ByteString;

const log = fieldLog(rawCodec);

/** `config.log`: settings for all repositories, below those of git config. An unset one has an empty value. */
export function parseConfigLog(content: ByteString): Map<ByteString, ByteString> {
  const values = new Map<ByteString, ByteString>();
  for (const [name, { value }] of log.parse(content)) if (value !== '') values.set(name, value);
  return values;
}

/** The content after setting a value (empty: unsetting it). The same content when nothing changes. */
export function setConfigLog(
  content: ByteString,
  name: ByteString,
  value: ByteString,
  now: VectorClock,
): ByteString {
  return log.parse(content).get(name)?.value === value ? content : log.set(content, name, value, now);
}

/**
 * What `git annex config` may set for all clones (man git-annex-config). Nothing else is taken from the git-annex branch,
 * which anyone who can push writes to.
 */
export const BRANCH_SETTINGS: ReadonlySet<string> = new Set([
  'annex.numcopies',
  'annex.mincopies',
  'annex.largefiles',
  'annex.dotfiles',
  'annex.addunlocked',
  'annex.autocommit',
  'annex.resolvemerge',
  'annex.synccontent',
  'annex.synconlyannex',
  'annex.securehashesonly',
]);
