import { requiredContentLog } from '../../domain/logs/preferred-content-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { Session } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/** What the user wants of an item's copies. */
export interface Expectations {
  readonly numcopies: number;
  /** Repositories whose required content it is. Keys without a file of the work tree are not matched. */
  readonly requiredBy: readonly Uuid[];
}

/** Looks up the expectations of many items at once, in their order. */
export async function createExpectations({
  here,
  policy,
}: Session): Promise<(items: readonly LoggedItem[]) => Promise<Expectations[]>> {
  const recorded = requiredContentLog.values(await here.branch.read(requiredContentLog.path));
  const requiring = [...recorded].filter(([, expression]) => expression !== '').map(([uuid]) => uuid);
  return async (items) => {
    const copies = await policy.copies(items);
    const required: Uuid[][] = items.map(() => []);
    for (const uuid of requiring) {
      const answers = await policy.requiredBy(uuid, items);
      for (const [i, item] of items.entries()) {
        if (answers[i] && item.path !== undefined) required[i]?.push(uuid);
      }
    }
    return items.map((_, i) => ({
      numcopies: copies[i]?.numcopies ?? 1,
      requiredBy: required[i] ?? [],
    }));
  };
}
