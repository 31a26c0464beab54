import type { ByteString } from '../lib/bytes.js';
import { trimEnd } from '../lib/words.js';

/** How an adjusted branch presents annexed files, whatever the original branch has. */
export interface Adjustment {
  /** All annexed files unlocked or locked, or their links made to lead to their content. */
  readonly links?: 'unlocked' | 'locked' | 'fixed';
  /** What becomes of files whose content is not here: hidden; or locked, while the others are unlocked. */
  readonly presence?: 'hidemissing' | 'unlockpresent';
}

/** A branch made by `adjust`, and the branch it adjusts. */
export interface AdjustedBranch {
  /** `refs/heads/adjusted/master(unlocked)` */
  readonly ref: ByteString;
  /** `adjusted/master(unlocked)` */
  readonly name: ByteString;
  /** `master` */
  readonly original: ByteString;
  /** `refs/heads/master` */
  readonly originalRef: ByteString;
  /** The commit of the original branch that was adjusted: `refs/basis/adjusted/master(unlocked)`. */
  readonly basisRef: ByteString;
  readonly adjustment: Adjustment;
}

/** The message of the commit by which an adjusted branch differs from its basis; git-annex ends it without a newline. */
export const adjustingMessage = 'git-annex adjusted branch' as ByteString;

export function isAdjustingMessage(message: ByteString): boolean {
  return trimEnd(message) === adjustingMessage;
}

/** The branch that presents `original` (`master`) in an adjusted way. */
export function adjustedBranch(original: ByteString, adjustment: Adjustment): AdjustedBranch {
  const { presence, links } = adjustment;
  const words = [presence, links].filter((word) => word !== undefined).join('-');
  const name = `adjusted/${original}(${words})` as ByteString;
  return {
    name,
    ref: `refs/heads/${name}` as ByteString,
    original,
    originalRef: `refs/heads/${original}` as ByteString,
    basisRef: `refs/basis/${name}` as ByteString,
    adjustment,
  };
}

/**
 * What the name of a branch (`adjusted/master(hidemissing-unlocked)`) says; undefined when it is none of an adjusted
 * branch, or of an adjustment that is not known here.
 */
export function parseAdjustedBranch(name: ByteString): AdjustedBranch | undefined {
  const match = /^adjusted\/(.+)\(([a-z-]+)\)$/s.exec(name);
  const adjustment = match === null ? undefined : adjustments.get(match[2] as string);
  return match === null || adjustment === undefined
    ? undefined
    : adjustedBranch(match[1] as ByteString, adjustment);
}

const linkWords = ['unlocked', 'locked', 'fixed'] as const;

const adjustments: ReadonlyMap<string, Adjustment> = new Map<string, Adjustment>([
  ...linkWords.map((links): [string, Adjustment] => [links, { links }]),
  ...linkWords.map((links): [string, Adjustment] => [
    `hidemissing-${links}`,
    { presence: 'hidemissing', links },
  ]),
  ['hidemissing', { presence: 'hidemissing' }],
  ['unlockpresent', { presence: 'unlockpresent' }],
]);

/** Whether files that are added while the branch is checked out are to be unlocked. */
export function addsUnlocked({ links, presence }: Adjustment): boolean {
  return links === 'unlocked' || presence === 'unlockpresent';
}
