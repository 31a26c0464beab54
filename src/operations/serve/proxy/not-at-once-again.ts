/** Something that fails as it did, without being tried, while its last failure is not long ago. */
export interface Attempts {
  run<T>(action: () => Promise<T>): Promise<T>;
  /** It has turned out otherwise that it does not work: for so many milliseconds it is not tried. */
  failed(error: unknown, milliseconds: number): void;
}

/** @param milliseconds for which an action that failed is not tried again */
export function notAtOnceAgain(milliseconds: number): Attempts {
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  const failed: Attempts['failed'] = (error, pause) => {
    failure = { error, until: performance.now() + pause };
  };
  return {
    failed,
    async run(action) {
      if (failure !== undefined && performance.now() < failure.until) throw failure.error;
      try {
        return await action();
      } catch (error) {
        failed(error, milliseconds);
        throw error;
      }
    },
  };
}
