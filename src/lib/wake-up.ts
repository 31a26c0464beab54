/** Wakes those that wait; a call that nobody waits for is forgotten. */
export interface WakeUp {
  wait(): Promise<void>;
  fire(): void;
}

export function createWakeUp(): WakeUp {
  let waiting: Promise<void> | undefined;
  let go: (() => void) | undefined;
  return {
    wait() {
      waiting ??= new Promise((resolve) => {
        go = resolve;
      });
      return waiting;
    },
    fire() {
      go?.();
      go = undefined;
      waiting = undefined;
    },
  };
}
