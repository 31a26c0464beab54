import { groupLog } from '../../domain/logs/group-log.js';
import {
  groupPreferredContentLog,
  groupPreferredContentPath,
  preferredContentLog,
  requiredContentLog,
} from '../../domain/logs/preferred-content-log.js';
import { termsOf } from '../../domain/matching/expression.js';
import { parsePreferred } from '../../domain/matching/rule.js';
import type { Term } from '../../domain/matching/terms.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import { STANDARD_EXPRESSIONS } from '../policy/standard-groups.js';

/** What the wishes of some repositories depend on, besides the content's key. */
export interface Dependencies {
  /** Names of files: files with the same content may be wanted differently. */
  readonly names: boolean;
  /** Where the content is: a transfer or drop may change what others want. */
  readonly locations: boolean;
  /** Sizes of repositories, time, or what else changes unseen: then nothing that was decided once stays decided. */
  readonly unseen: boolean;
}

type TermType = Term['type'];

const ofNames: ReadonlySet<TermType> = new Set<TermType>(['include', 'exclude', 'in-preferred-directory']);
/** Terms that ask for nothing but the key and its name. */
const fixed: ReadonlySet<TermType> = new Set<TermType>([
  ...ofNames,
  ...([
    'larger-than',
    'smaller-than',
    'anything',
    'nothing',
    'in-backend',
    'secure-hash',
    'unknown',
  ] as const),
  // What stands behind these is looked at by itself.
  ...(['standard', 'group-wanted', 'metadata-glob', 'metadata-compare', 'url'] as const),
]);
const ofLocations: ReadonlySet<TermType> = new Set<TermType>([
  ...([
    'copies',
    'lacking-copies',
    'approx-lacking-copies',
    'in-all-group',
    'only-in-group',
    'present',
  ] as const),
]);

/** What the preferred and required content expressions of repositories depend on; what is not known counts as unseen. */
export async function readDependencies(
  branch: Pick<AnnexBranch, 'read'>,
  repositories: readonly Uuid[],
): Promise<Dependencies> {
  const texts = new Set<ByteString>();
  for (const log of [preferredContentLog, requiredContentLog]) {
    const expressions = log.values(await branch.read(log.path));
    for (const uuid of repositories) texts.add(expressions.get(uuid) ?? NONE);
  }
  const groups = groupLog.values(await branch.read(groupLog.path));
  const groupWanted = groupPreferredContentLog.parse(await branch.read(groupPreferredContentPath));
  for (const group of repositories.flatMap((uuid) => [...(groups.get(uuid) ?? [])])) {
    texts.add(STANDARD_EXPRESSIONS.get(group) ?? NONE);
    texts.add(groupWanted.get(group)?.value ?? NONE);
  }
  const types = new Set<TermType>();
  for (const text of texts) {
    for (const { type } of termsOf(parsePreferred(text))) types.add(type);
  }
  const unseen = [...types].some((type) => !fixed.has(type) && !ofLocations.has(type));
  return {
    names: [...types].some((type) => ofNames.has(type)),
    locations: unseen || [...types].some((type) => ofLocations.has(type)),
    unseen,
  };
}

const NONE = '' as ByteString;
