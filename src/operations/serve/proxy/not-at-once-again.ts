/** Runs an action; while it has failed not so many milliseconds ago, it is not tried again but fails as it did. */
export function notAtOnceAgain(milliseconds: number): <T>(action: () => Promise<T>) => Promise<T> {
  let failure: { readonly error: unknown; readonly at: number } | undefined;
  return async (action) => {
    if (failure !== undefined && performance.now() - failure.at < milliseconds) throw failure.error;
    try {
      const result = await action();
      failure = undefined;
      return result;
    } catch (error) {
      failure = { error, at: performance.now() };
      throw error;
    }
  };
}
