import type { Repository } from '../../repository/repository.js';
import { startTelling } from './start-telling.js';

/** Sees to it that other gateways hear of changes in a while, and at the end. */
export interface Teller {
  changed(): void;
  close(): void;
}

/** Milliseconds after a change in which more may come before they are told of together. */
const GATHERING = 15_000;

/** @param start tells what has changed until now, in the background */
export function createTeller(
  gateway: Pick<Repository, 'settings' | 'location'>,
  start: typeof startTelling = startTelling,
): Teller {
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    start(gateway);
  };
  return {
    changed() {
      timer ??= setTimeout(tell, GATHERING).unref();
    },
    close: tell,
  };
}
