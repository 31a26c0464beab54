/** Waits for a promise, but no longer than so many milliseconds; whether it was settled by then. It must not fail. */
export async function settledWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  return Promise.race([promise.then(() => true), over]).finally(() => clearTimeout(timer));
}
