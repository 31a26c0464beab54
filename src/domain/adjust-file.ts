import type { ByteString } from '../lib/bytes.js';
import type { Adjustment } from './adjusted-branch.js';
import type { Key } from './key.js';
import { pointerContent, symlinkTarget } from './pointers.js';

/** A file of a tree that stands for annexed content. */
export interface AnnexedEntry {
  /** `120000` for a locked file, `100644` or `100755` for an unlocked one. */
  readonly mode: ByteString;
  /** Relative to the top of the tree. */
  readonly path: ByteString;
  readonly key: Key;
  /** The link's target, or the pointer. */
  readonly content: ByteString;
}

/** What an entry becomes. */
export type AdjustedEntry = 'kept' | 'hidden' | { readonly mode: ByteString; readonly content: ByteString };

const link = '120000' as ByteString;
const file = '100644' as ByteString;

/**
 * What an adjusted branch has in the place of a file.
 * @param present whether its content is here; asked only where that matters
 */
export function adjustEntry(
  { links, presence }: Adjustment,
  entry: AnnexedEntry,
  present: (key: Key) => boolean,
): AdjustedEntry {
  if (presence === 'hidemissing' && !present(entry.key)) return 'hidden';
  const wanted =
    presence === 'unlockpresent' ? (present(entry.key) ? 'unlocked' : 'locked') : (links ?? 'kept');
  if (wanted === 'kept') return 'kept';
  const locked = entry.mode === link;
  if (wanted === 'unlocked') return locked ? { mode: file, content: pointerContent(entry.key) } : 'kept';
  if (wanted === 'fixed' ? !locked : locked) return 'kept';
  const content = symlinkTarget(entry.key, entry.path);
  return locked && content === entry.content ? 'kept' : { mode: link, content };
}

/** Which files of a tree an adjustment may change: symlinks, others, or both. */
export function adjustsMode({ links, presence }: Adjustment, mode: ByteString): boolean {
  if (mode === link) return presence !== undefined || links !== 'locked';
  if (mode !== file && mode !== '100755') return false;
  return presence !== undefined || links === 'locked';
}

/**
 * The adjustment that takes the changes of a commit in an adjusted branch back to the original branch: files that were
 * changed are locked there, unless the adjusted branch neither locks nor unlocks.
 */
export function reverseAdjustment({ links, presence }: Adjustment): Adjustment {
  if (presence === 'unlockpresent' || links === 'unlocked' || links === 'locked') return { links: 'locked' };
  return links === undefined ? {} : { links };
}
