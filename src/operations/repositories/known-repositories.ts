import { AnnexError } from '../../domain/errors.js';
import { compareBytes } from '../../domain/logs/lines.js';
import type { TrustLevel } from '../../domain/trust.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';

/** The web and bittorrent, which every repository knows as remotes (git-annex's special uuids). */
export const WEB = '00000000-0000-0000-0000-000000000001' as Uuid;
export const BITTORRENT = '00000000-0000-0000-0000-000000000002' as Uuid;

/** What the lists of repositories are made of. */
export interface RepositoryFacts {
  readonly here: Uuid;
  /** From uuid.log. */
  readonly descriptions: ReadonlyMap<Uuid, ByteString>;
  /** From trust.log and the remotes' `annex-trustlevel`; semitrusted where nothing is said. */
  readonly trust: ReadonlyMap<Uuid, TrustLevel>;
  /** In the order of git config; the web and bittorrent are always among them. */
  readonly remotes: readonly { readonly name: ByteString; readonly uuid: Uuid }[];
  /** Nodes by cluster, from cluster.log. */
  readonly clusters: ReadonlyMap<Uuid, ReadonlySet<Uuid>>;
}

/** How JSON shows a repository. */
export interface RepositoryEntry {
  readonly [field: string]: string | boolean;
  readonly description: ByteString;
  readonly here: boolean;
  readonly uuid: Uuid;
}

/** Every repository that the git-annex branch or git config tells of, and how git-annex shows them. */
export interface KnownRepositories {
  readonly here: Uuid;
  /** Those with a description or a remote's name, sorted by uuid. */
  readonly all: readonly Uuid[];
  trustOf(uuid: Uuid): TrustLevel;
  /** Name of the remote it is shown as: the last of several in git config. */
  remoteName(uuid: Uuid): ByteString | undefined;
  /** The repository a user's word names: `here`, a remote's name, a uuid or a description. */
  lookUp(word: ByteString): Uuid | 'ambiguous' | undefined;
  /** The same, which must be. Throws `unknown-remote`, worded as git-annex does. */
  named(word: ByteString): Uuid;
  /** `alpha [here]`, `beta [b]`, `[b]`; empty when nothing is known. */
  description(uuid: Uuid): ByteString;
  /** `UUID -- beta [b]` */
  line(uuid: Uuid): ByteString;
  entry(uuid: Uuid): RepositoryEntry;
  /** The nodes of each cluster. */
  readonly clusters: ReadonlyMap<Uuid, ReadonlySet<Uuid>>;
  /** Clusters that have one of these repositories as node; they are shown, but are no copies. */
  clustersOf(uuids: readonly Uuid[]): readonly Uuid[];
  /** A cluster's nodes; none for a repository. */
  nodesOf(cluster: Uuid): ReadonlySet<Uuid>;
  /** Where content is, from where the location log says it is: a cluster has what one of its nodes has. */
  withClusters(uuids: readonly Uuid[]): readonly Uuid[];
}

const NONE = '' as ByteString;

export function knownRepositories(facts: RepositoryFacts): KnownRepositories {
  const { here, trust, clusters } = facts;
  const names = new Map(facts.remotes.map(({ name, uuid }) => [uuid, name]));
  const descriptions = new Map<Uuid, ByteString>(names);
  for (const [uuid, description] of facts.descriptions) descriptions.set(uuid, description);

  /** Without the mark of this repository, as JSON has it. */
  const bare = (uuid: Uuid): ByteString => {
    const own = facts.descriptions.get(uuid);
    const name = uuid === here ? undefined : names.get(uuid);
    if (name === undefined) return own ?? NONE;
    return own === undefined ? name : marked(own, name);
  };
  const description = (uuid: Uuid): ByteString =>
    uuid === here ? hereMarked(descriptions.get(here)) : bare(uuid);

  const clustersOf = (uuids: readonly Uuid[]): readonly Uuid[] => {
    if (clusters.size === 0) return [];
    const found = [...clusters].filter(([, nodes]) => uuids.some((uuid) => nodes.has(uuid)));
    return found.map(([cluster]) => cluster).sort(compareBytes);
  };

  return {
    here,
    all: [...descriptions.keys()].sort(compareBytes),
    trustOf: (uuid) => trust.get(uuid) ?? 'semitrusted',
    remoteName: (uuid) => names.get(uuid),
    lookUp: (word) => lookUp(word, facts, descriptions),
    named: (word) => named(word, lookUp(word, facts, descriptions)),
    description,
    line(uuid) {
      const text = description(uuid);
      return (text === '' ? uuid : `${uuid} -- ${text}`) as ByteString;
    },
    entry: (uuid) => ({ description: bare(uuid), here: uuid === here, uuid }),
    clusters,
    clustersOf,
    nodesOf: (cluster) => clusters.get(cluster) ?? new Set(),
    withClusters: (uuids) => (clusters.size === 0 ? uuids : [...clustersOf(uuids), ...uuids]),
  };
}

function marked(description: ByteString, name: ByteString): ByteString {
  const bracketed = `[${name}]`;
  return (
    description === '' || description === name ? bracketed : `${description} ${bracketed}`
  ) as ByteString;
}

function hereMarked(description: ByteString | undefined): ByteString {
  if (description === undefined || description === '') return 'here' as ByteString;
  return (description === 'here' ? '[here]' : `${description} [here]`) as ByteString;
}

/** `here` first, then remotes by name, then uuids, then descriptions: those must be unique. */
function lookUp(
  word: ByteString,
  { here, remotes }: RepositoryFacts,
  descriptions: ReadonlyMap<Uuid, ByteString>,
): Uuid | 'ambiguous' | undefined {
  if (word === 'here' || word === '.') return here;
  const remote = remotes.find(({ name }) => name === word);
  if (remote !== undefined) return remote.uuid;
  if (word === here || descriptions.has(word as Uuid)) return word as Uuid;
  const [only, second] = [...descriptions].filter(([, description]) => description === word);
  return second === undefined ? only?.[0] : 'ambiguous';
}

function named(word: ByteString, found: Uuid | 'ambiguous' | undefined): Uuid {
  if (found === 'ambiguous') throw new AnnexError('unknown-remote', AMBIGUOUS_NAME);
  if (found !== undefined) return found;
  throw new AnnexError('unknown-remote', `there is no available git remote named "${toText(word)}"`);
}

export const AMBIGUOUS_NAME =
  'found multiple repositories with that description (use the uuid instead to disambiguate)';
