import { parseKeyFileName, type Key } from '../domain/key.js';
import type { Uuid } from '../domain/uuid.js';
import type { ByteString } from '../lib/bytes.js';

/** What is known of one content when a sync looks at it. */
export interface ContentFacts {
  /** Whether it is here, really. */
  readonly here: boolean;
  /** The repositories that have it, as the location log says. */
  readonly present: ReadonlySet<Uuid>;
}

/**
 * Where to get a content from that is missing here, the best first; empty: it is not to be had.
 * @param speculative repositories that may have anything
 */
export function placesToGetFrom(
  { here, present }: ContentFacts,
  sources: readonly Uuid[],
  speculative: ReadonlySet<Uuid>,
): Uuid[] {
  return here ? [] : sources.filter((uuid) => present.has(uuid) || speculative.has(uuid));
}

/** Whether a content could be sent to a repository. */
export function canBeSent({ here, present }: ContentFacts, to: Uuid): boolean {
  return here && !present.has(to);
}

/** What is asked about a content before it is dropped from a repository that has it. */
export interface DropQuestion {
  /** Whether preferred content, seen as if the content were gone from there, still wants it there for any of its files. */
  readonly wanted: boolean;
  readonly required: boolean;
  /** Copies elsewhere that count, as the location log says. */
  readonly others: number;
  readonly numcopies: number;
  /** Whether it would come back: other repositories would react to the drop in a way that makes it wanted there again. */
  readonly returns: boolean;
}

/** What is decided about it; anything but `drop` is why it stays. */
export type DropVerdict = 'drop' | 'wanted' | 'required' | 'numcopies' | 'returns';

/** Whether a content is to be dropped. Copies are verified later; here those that are recorded must suffice. */
export function decideDrop(question: DropQuestion): DropVerdict {
  if (question.wanted) return 'wanted';
  if (question.required) return 'required';
  if (question.others < Math.max(1, question.numcopies)) return 'numcopies';
  return question.returns ? 'returns' : 'drop';
}

/** What has changed on the git-annex branch, as far as content is concerned. */
export type BranchChanges =
  | { readonly kind: 'keys'; readonly keys: ReadonlySet<Key> }
  /** Something that rules where content belongs: everything has to be looked at. */
  | { readonly kind: 'rules' };

/** What is known of a content: where it is; metadata and urls, which preferred content may ask for. */
const contentLog = /^[0-9a-f]{3}\/[0-9a-f]{3}\/([^/]+?)\.log(?:\.met|\.web)?$/;
/** Logs that say nothing about where content is or belongs: chunks, and facts about repositories. */
const irrelevant =
  /^(?:[0-9a-f]{3}\/[0-9a-f]{3}\/[^/]+\.log\.(?:cnk|rmt|rmet|cid|vid)|uuid\.log|activity\.log|schedule\.log)$/;

/** Sorts changed files of the git-annex branch by what they mean for a sync of content. */
export function readBranchChanges(paths: Iterable<ByteString>): BranchChanges {
  const keys = new Set<Key>();
  for (const path of paths) {
    const name = contentLog.exec(path)?.[1];
    const key = name === undefined ? undefined : parseKeyFileName(name);
    if (key !== undefined) keys.add(key);
    else if (!irrelevant.test(path)) return { kind: 'rules' };
  }
  return { kind: 'keys', keys };
}
