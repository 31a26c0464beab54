import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Remote } from '../../remotes/remote.js';
import type { Repository } from '../../repository/repository.js';

/** A random content to test with, and the key that was made for it. */
export interface TestContent {
  readonly key: Key;
  /** In bytes. */
  readonly size: number;
  /** A file with the content that no test moves or changes. */
  readonly original: ByteString;
}

/** The parts of a repository that a remote retrieves into and stores from, as far as cases handle them. */
export type LocalSide = Pick<Repository, 'objects' | 'uuid'>;

/** What a case works with. */
export interface CaseScene {
  readonly remote: Remote;
  /** The repository that the remote was made for. Of its contents the cases touch those of `contents` only. */
  readonly here: LocalSide;
  /** At least one. */
  readonly contents: readonly TestContent[];
  /** Aborted when the case is given up. */
  readonly signal: AbortSignal;
}

/** Whether the remote has the contents of the scene. */
export type RemoteState = 'absent' | 'present';

/**
 * One check. Cases of a group run in order on the same contents, as they leave them; a case that is run alone finds the
 * remote as `given` says.
 */
export interface RemoteCase {
  /** git-annex's name, where it makes the same check. A name may occur several times in a group. */
  readonly name: string;
  readonly given: RemoteState;
  /** What the remote has afterwards, when that differs from `given`. */
  readonly leaves?: RemoteState;
  /** Makes no attempt to change the remote, so that it may run on one that must stay as it is. */
  readonly readsOnly: boolean;
  /** Fails by throwing: a `CaseFailure`, or whatever went wrong. */
  run(scene: CaseScene): Promise<void>;
}

/** A check that was answered, but not as it has to be: one sentence. */
export class CaseFailure extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'CaseFailure';
  }
}

/** Fails the case, unless it is so. */
export function expect(fact: boolean, otherwise: string): void {
  if (!fact) throw new CaseFailure(otherwise);
}
