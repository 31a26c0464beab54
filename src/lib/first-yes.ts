import { atOnce } from './at-once.js';

/** True as soon as one of the answers is, false when none is; at most `limit` are asked for at once. Asking must not fail. */
export async function firstYes<T>(
  items: readonly T[],
  limit: number,
  ask: (item: T) => Promise<boolean>,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let found = false;
    const askFor = async (item: T): Promise<void> => {
      if (found || !(await ask(item))) return;
      found = true;
      resolve(true);
    };
    atOnce(items, limit, askFor).then(() => resolve(false), reject);
  });
}
