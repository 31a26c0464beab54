import type { AnnexError } from '../../domain/errors.js';
import type { SafeDropProof } from '../../domain/drop-proof.js';
import type { Key } from '../../domain/key.js';
import { lockRefusal } from '../../repository/objects/lock-refusal.js';
import type { Repository } from '../../repository/repository.js';
import { recordLocations } from '../record-locations.js';
import { asAnnexError } from './system-errors.js';

/** Content that a proof says may go. */
export interface Removal {
  readonly key: Key;
  readonly proof: SafeDropProof;
}

/**
 * Removes contents of a repository of this machine; gives what went wrong, if anything, for each in the order given.
 * The absence is journalled before the contents go: a crash between the two leaves a log that claims too little, never
 * one that claims too much. The locks are held throughout.
 */
export async function removeContents(
  there: Repository,
  batch: readonly Removal[],
  onRemoving?: (keys: readonly Key[]) => Promise<void>,
): Promise<{ readonly key: Key; readonly error: AnnexError | undefined }[]> {
  const locks = batch.map(({ key }) => there.objects.lockExclusive(key));
  const failures = new Map<Removal, AnnexError>();
  try {
    batch.forEach((removal, i) => {
      const gone = there.objects.locate(removal.key) === undefined;
      if (locks[i] === undefined && !gone) failures.set(removal, lockRefusal(there.annexDir));
    });
    const going = batch.filter((removal, i) => locks[i] !== undefined && !failures.has(removal));
    const absent = batch.filter((removal) => !failures.has(removal)).map(({ key }) => key);
    await recordLocations(there, absent, there.uuid, 'absent');
    await onRemoving?.(absent);
    for (const removal of going) {
      try {
        await there.objects.remove(removal.key, removal.proof);
      } catch (error) {
        failures.set(removal, asAnnexError(error, 'internal'));
      }
    }
    const stayed = going.filter((removal) => failures.has(removal)).map(({ key }) => key);
    const present = stayed.filter((key) => there.objects.locate(key) !== undefined);
    await recordLocations(there, present, there.uuid, 'present');
  } finally {
    for (const lock of locks) lock?.release();
  }
  return batch.map((removal) => ({ key: removal.key, error: failures.get(removal) }));
}
