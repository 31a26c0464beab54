/** Lets only so many jobs go at once; how many may change while they run. */
export interface Gate {
  run<T>(job: () => Promise<T>): Promise<T>;
}

export function createGate(limit: () => number): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];
  const next = (): void => {
    while (running < Math.max(1, limit()) && waiting.length > 0) {
      running++;
      waiting.shift()?.();
    }
  };
  return {
    async run(job) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        next();
      });
      try {
        return await job();
      } finally {
        running--;
        next();
      }
    },
  };
}
