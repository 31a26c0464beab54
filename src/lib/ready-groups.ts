/**
 * Gives the indices of promises that have settled, in groups: all of them at once when they settle in time, else first
 * those that were ready `grace` milliseconds after the first one, later the others. Within a group the order is theirs.
 */
export async function* readyGroups(
  promises: readonly Promise<unknown>[],
  grace: number,
): AsyncGenerator<readonly number[]> {
  const waiting = new Set(promises.keys());
  const ready = new Set<number>();
  let wake = (): void => undefined;
  for (const [index, promise] of promises.entries()) {
    const settled = (): void => {
      waiting.delete(index);
      ready.add(index);
      wake();
    };
    promise.then(settled, settled);
  }
  const next = (limit?: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = limit === undefined ? undefined : setTimeout(resolve, limit);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  while (waiting.size > 0 || ready.size > 0) {
    if (ready.size === 0) await next();
    const deadline = performance.now() + grace;
    while (waiting.size > 0 && performance.now() < deadline) await next(deadline - performance.now());
    const group = [...ready].sort((a, b) => a - b);
    ready.clear();
    yield group;
  }
}
