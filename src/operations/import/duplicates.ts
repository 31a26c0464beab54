import { rmSync } from 'node:fs';
import { locationLogPath } from '../../domain/hash-directories.js';
import type { CopiesWanted } from '../../domain/copies.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Scratch } from '../add/ingest.js';
import { createKeyMaker, type KeyMaker, usualBackend } from '../add/make-key.js';
import { verifyCopies } from '../drop/verify-copies.js';
import { takeContent } from '../reinject/take-content.js';
import { createAttributes } from '../select/attributes.js';
import type { RunningAction } from '../transfer/running-action.js';
import type { Session } from '../transfer/session.js';

/** What becomes of files whose content is known to the annex. */
export type DuplicateMode = 'import' | 'keep' | 'deduplicate' | 'clean' | 'skip' | 'reinject';

export interface Duplicates {
  /** The key that a file's content would have at a path. */
  keyOf(file: ByteString, path: ByteString): Promise<Key>;
  /** Whether some repository has the content, or had it once. */
  isKnown(key: Key): Promise<boolean>;
  /** Deals with a file whose content is known. Gives whether that was done. */
  settle(file: ByteString, key: Key, running: RunningAction): Promise<boolean>;
}

export function createDuplicates(
  session: Session,
  mode: DuplicateMode,
  backend: ByteString | undefined,
  scratch: Scratch,
): Duplicates {
  const { here, context } = session;
  const attributes = createAttributes(here);
  const makers = new Map<ByteString, Promise<KeyMaker>>();
  return {
    async keyOf(file, path) {
      const [attribute] = backend === undefined ? await attributes.values('annex.backend', [path]) : [];
      const name = backend ?? attribute ?? usualBackend(here.settings);
      const known = makers.get(name) ?? createKeyMaker(name, here.settings);
      makers.set(name, known);
      return (await known).make(file, path, { signal: context.signal });
    },
    async isKnown(key) {
      return here.objects.locate(key) !== undefined || (await here.branch.read(locationLogPath(key))) !== '';
    },
    async settle(file, key, running) {
      if (mode === 'skip') running.note('duplicate; skipping');
      else if (mode === 'reinject') {
        running.note('reinjecting');
        await takeContent(here, key, file, scratch);
      } else {
        running.note(`duplicate of ${toText(key)}`);
        if (!(await hasCopies(session, key, running))) return false;
        rmSync(toPath(file));
      }
      return true;
    },
  };
}

/** Nobody loses a content here, so that every repository counts. */
const NOBODY = '' as Uuid;

async function hasCopies(session: Session, key: Key, running: RunningAction): Promise<boolean> {
  const log = await session.here.branch.read(locationLogPath(key));
  const item = { key, path: undefined, shown: undefined, input: [], unlocked: false, log };
  const [wanted] = await session.policy.copies([item]);
  const options = { target: NOBODY, wanted: wanted as CopiesWanted, countHere: true, held: false };
  const verified = await verifyCopies(session, item, options);
  try {
    if (verified.proof !== undefined && verified.proof.copies.length > 0) return true;
    const { needed, verified: found } = verified.shortfall ?? { needed: 1, verified: [] };
    running.note('unsafe');
    running.longNote(
      needed === 1
        ? 'Could not verify the existence of the 1 necessary copy.'
        : `Could only verify the existence of ${found.length} out of ${needed} necessary copies.`,
    );
    running.longNote(
      'Could not verify that the content is still present in the annex; not removing from the import location.',
    );
    return false;
  } finally {
    await verified.release();
  }
}
