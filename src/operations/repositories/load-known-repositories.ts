import { compareBytes } from '../../domain/logs/lines.js';
import { clusterLogPath, parseClusters } from '../../domain/logs/cluster-log.js';
import { remoteLog } from '../../domain/logs/remote-log.js';
import { trustLog } from '../../domain/logs/trust-log.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import { parseTrustLevel, type TrustLevel } from '../../domain/trust.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import type { Repository } from '../../repository/repository.js';
import {
  BITTORRENT,
  type KnownRepositories,
  knownRepositories,
  type RepositoryFacts,
  WEB,
} from './known-repositories.js';

/** Trust given by options (`--semitrust`, `--untrust`), which counts before what is recorded. */
export interface TrustOptions {
  readonly semitrust?: readonly ByteString[] | undefined;
  readonly untrust?: readonly ByteString[] | undefined;
}

/** Reads what the git-annex branch and git config say about repositories. */
export async function loadKnownRepositories(
  repository: Pick<Repository, 'uuid' | 'branch' | 'settings'>,
  entries: readonly RemoteEntry[],
  options: TrustOptions = {},
): Promise<KnownRepositories> {
  const { uuid: here, branch, settings } = repository;
  const [descriptions, trust, clusters] = await Promise.all(
    [descriptionLog.path, trustLog.path, clusterLogPath].map((path) => branch.read(path)),
  );
  const remotes = entries
    .flatMap(({ settings: { name, uuid, gateway } }) =>
      uuid === undefined ? [] : [{ name, uuid, direct: gateway === undefined }],
    )
    // The last one's name is shown: the one that is reached directly.
    .sort((a, b) => Number(a.direct) - Number(b.direct) || compareBytes(a.name, b.name));
  const levels = trustLog.values(trust ?? NONE);
  for (const uuid of await treeRemotes(branch, entries)) if (!levels.has(uuid)) levels.set(uuid, 'untrusted');
  for (const { name, uuid } of remotes) {
    const level = parseTrustLevel(settings.get(`remote.${name}.annex-trustlevel`) ?? '');
    if (level !== undefined) levels.set(uuid, level);
  }
  const facts: RepositoryFacts = {
    here,
    descriptions: descriptionLog.values(descriptions ?? NONE),
    trust: levels,
    remotes: [...remotes, ...BUILT_IN],
    clusters: parseClusters(clusters ?? NONE),
  };
  const known = knownRepositories(facts);
  applyOptions(levels, known, options);
  return known;
}

/**
 * Special remotes whose files others may change or delete (`exporttree`, `importtree`): untrusted unless somebody says
 * otherwise.
 */
async function treeRemotes(branch: AnnexBranch, entries: readonly RemoteEntry[]): Promise<Uuid[]> {
  const special = entries.flatMap(({ settings: { address, uuid } }) =>
    address.kind === 'none' && uuid !== undefined ? [uuid] : [],
  );
  if (special.length === 0) return [];
  const configs = remoteLog.values(await branch.read(remoteLog.path));
  return special.filter((uuid) =>
    ['exporttree', 'importtree'].some((name) => configs.get(uuid)?.get(name as ByteString) === 'yes'),
  );
}

const NONE = '' as ByteString;

const BUILT_IN = [
  { name: 'web' as ByteString, uuid: WEB },
  { name: 'bittorrent' as ByteString, uuid: BITTORRENT },
];

function applyOptions(levels: Map<Uuid, TrustLevel>, known: KnownRepositories, options: TrustOptions): void {
  for (const word of options.semitrust ?? []) levels.set(known.named(word), 'semitrusted');
  for (const word of options.untrust ?? []) levels.set(known.named(word), 'untrusted');
}
