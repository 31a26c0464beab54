import type { Key } from '../../domain/key.js';
import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { findRemote } from '../../remotes/list/find-remote.js';
import { listRemotes } from '../../remotes/list/list-remotes.js';
import type { Remote } from '../../remotes/remote.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';
import { loadKnownRepositories } from '../repositories/load-known-repositories.js';
import { removeAll } from './ask.js';
import { guardRemote, withoutTestLogs } from './guard.js';
import { answerWithin } from './patience.js';
import { type LeftScratch, openScratchAnnex, type ScratchAnnex } from './scratch-annex.js';
import { unavailableTwin } from './unavailable-twin.js';

/** The remote that is tested, and what it is tested with. */
export interface Subject {
  readonly name: ByteString;
  readonly uuid: Uuid;
  readonly readonly: boolean;
  readonly scratch: ScratchAnnex;
  /** Nothing but keys noted before can be stored on it or removed from it. */
  openRemote(): Promise<Remote>;
  /** A remote of the same kind that can't be reached. */
  readonly unavailable: Remote | undefined;
  /** Allows these keys to be stored and removed. */
  noteKeys(keys: readonly Key[]): void;
  /** Removes what is left here; the caller closed the remotes. */
  close(): Promise<void>;
}

export type OpenRepository = (path: ByteString) => Promise<Repository>;

/** Finds the remote that a word names. Throws `unknown-remote`. */
export async function openSubject(
  here: Repository,
  word: ByteString,
  openRepository: OpenRepository,
  { emit }: Pick<OperationContext, 'emit'>,
): Promise<Subject> {
  const warn = (text: string) => emit({ type: 'warning', text });
  const entries = await listRemotes(here, { openRepository, warn });
  const known = await loadKnownRepositories(here, entries);
  const { name, uuid, readonly } = findRemote(entries, word, known);
  const entry = entries.find((one) => one.remote?.uuid === uuid && one.settings.name === name);
  if (entry === undefined) throw new AnnexError('internal', 'a remote was found that is not in the list');
  const scratch = openScratchAnnex(here, uuid);
  const keys = new Set<Key>();
  const options = {
    openRepository: async (path: ByteString) => withoutTestLogs(await openRepository(path), keys),
    warn: () => undefined,
  };
  const unavailable = await unavailableTwin(entry.settings, scratch.repository, options);
  return {
    name,
    uuid,
    readonly,
    scratch,
    unavailable,
    async openRemote() {
      const again = await listRemotes(scratch.repository, options);
      const found = again.find(({ settings }) => settings.name === name)?.remote;
      if (found !== undefined && found.uuid === uuid) return guardRemote(found, (key) => keys.has(key));
      throw new AnnexError('remote-uuid-mismatch', 'the remote has become another repository meanwhile');
    },
    noteKeys(more) {
      scratch.note(more);
      for (const key of more) keys.add(key);
    },
    async close() {
      await unavailable?.close();
      scratch.remove();
    },
  };
}

/** Milliseconds for removing what one killed process left. */
const PATIENCE = 30_000;

/** Removes test keys that a killed process left on the remote; if they can't be removed now, they are left for the next time. */
export async function removeLeft(
  left: LeftScratch,
  subject: Subject,
  remote: Remote,
  { emit, signal }: Pick<OperationContext, 'emit' | 'signal'>,
): Promise<void> {
  subject.noteKeys(left.keys);
  const contents = left.keys.map((key) => ({ key, size: 0, original: subject.scratch.folder }));
  try {
    const work = (stop: AbortSignal) =>
      removeAll({ remote, here: subject.scratch.repository, contents, signal: stop }, contents);
    for (const error of (await answerWithin(PATIENCE, work, signal)).values()) if (error) throw error;
    left.remove();
  } catch (error) {
    left.leave();
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    emit({ type: 'warning', text: `Test keys of an earlier run could not be removed: ${why}` });
  }
}
