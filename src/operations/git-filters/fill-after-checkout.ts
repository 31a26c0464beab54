import type { Repository } from '../../repository/repository.js';
import { takeSmudgeLog } from './smudge-log.js';

/** Gives unlocked files that git has checked out as pointers their content, where it is here. */
export async function fillAfterCheckout(repository: Repository): Promise<void> {
  const { annexDir, objects, unlocked } = repository;
  for (const key of await takeSmudgeLog(annexDir)) {
    const object = objects.locate(key);
    if (object !== undefined) await unlocked.populate(key, object);
  }
  await unlocked.flush();
}
