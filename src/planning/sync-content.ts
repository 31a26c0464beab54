import { parseKeyFileName, type Key } from '../domain/key.js';
import type { Uuid } from '../domain/uuid.js';
import type { ByteString } from '../lib/bytes.js';

/** What is known of one content when a sync looks at it. */
export interface ContentFacts {
  /** Whether it is here, really. */
  readonly here: boolean;
  /** The repositories that have it, as the location log says. */
  readonly present: ReadonlySet<Uuid>;
  /** The remotes it may come from, cheapest first. */
  readonly sources: readonly Uuid[];
  /** The remotes it may be sent to. */
  readonly destinations: readonly Uuid[];
  /** Whether this repository wants it. */
  readonly wantedHere: boolean;
  /** Whether a remote wants it. */
  readonly wantedBy: (uuid: Uuid) => boolean;
}

/** What a sync does about one content. */
export interface ContentPlan {
  /** Where to get it from, the best first; empty: it is not to be got. */
  readonly from: readonly Uuid[];
  /** Where to send it once it is here. */
  readonly to: readonly Uuid[];
}

/** Gets what is missing and wanted here, and sends what is missing and wanted elsewhere. Nothing is dropped. */
export function planContent(facts: ContentFacts): ContentPlan {
  const { here, present, sources, destinations, wantedHere, wantedBy } = facts;
  const from = here || !wantedHere ? [] : sources.filter((uuid) => present.has(uuid));
  const sendable = here || from.length > 0;
  const to = sendable ? destinations.filter((uuid) => !present.has(uuid) && wantedBy(uuid)) : [];
  return { from, to };
}

/** What has changed on the git-annex branch, as far as content is concerned. */
export type BranchChanges =
  | { readonly kind: 'keys'; readonly keys: ReadonlySet<Key> }
  /** Something that rules where content belongs: everything has to be looked at. */
  | { readonly kind: 'rules' };

const locationLog = /^[0-9a-f]{3}\/[0-9a-f]{3}\/([^/]+)\.log$/;
/** Logs that say nothing about where content is or belongs: urls, metadata, chunks, and facts about repositories. */
const irrelevant =
  /^(?:[0-9a-f]{3}\/[0-9a-f]{3}\/[^/]+\.log\.(?:web|met|cnk|rmt|rmet|cid|vid)|uuid\.log|activity\.log|schedule\.log)$/;

/** Sorts changed files of the git-annex branch by what they mean for a sync of content. */
export function readBranchChanges(paths: Iterable<ByteString>): BranchChanges {
  const keys = new Set<Key>();
  for (const path of paths) {
    const name = locationLog.exec(path)?.[1];
    const key = name === undefined ? undefined : parseKeyFileName(name);
    if (key !== undefined) keys.add(key);
    else if (!irrelevant.test(path)) return { kind: 'rules' };
  }
  return { kind: 'keys', keys };
}
