import type { Repository } from '../../repository/repository.js';
import { consumeSmudgeLog } from './smudge-log.js';

/** Gives unlocked files that git has checked out as pointers their content, where it is here. */
export async function fillAfterCheckout(repository: Repository): Promise<void> {
  const { annexDir, objects, unlocked } = repository;
  await consumeSmudgeLog(annexDir, async (keys) => {
    for (const key of keys) {
      const object = objects.locate(key);
      if (object !== undefined) await unlocked.populate(key, object);
    }
    await unlocked.flush();
  });
}
