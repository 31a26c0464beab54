/** Runs jobs one after the other, in the order they were given. */
export interface Mutex {
  run<T>(job: () => Promise<T>): Promise<T>;
}

export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(job) {
      const result = last.then(job);
      last = result.catch(() => undefined);
      return result;
    },
  };
}
