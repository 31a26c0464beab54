import type { Repository } from '../../repository/repository.js';
import { createContentHook } from './content-hook.js';

/** Commits what was recorded about contents soon after they came or went, many at once where many do. */
export interface ChangeRecorder {
  /** Content came or went here. */
  changed(): void;
  /** Something was recorded of contents elsewhere. */
  recorded(): void;
  /** Does what is still to be done. */
  close(): Promise<void>;
}

/** Milliseconds without another change before there is a commit. */
const PAUSE = 300;
/** Milliseconds after which there is a commit, however many changes follow each other. */
const LONGEST = 3000;

/** @param tell called when something was recorded of contents elsewhere, after the commit */
export function createChangeRecorder(
  repository: Repository,
  onError: (error: unknown) => void,
  tell: () => void = () => undefined,
): ChangeRecorder {
  const hook = createContentHook(repository.location);
  let timer: NodeJS.Timeout | undefined;
  let since: number | undefined;
  let isNews = false;
  let working: Promise<void> = Promise.resolve();

  const record = (): Promise<void> => {
    clearTimeout(timer);
    if (since === undefined) return working;
    since = undefined;
    working = working
      .then(async () => {
        if (repository.settings.bool('annex.alwayscommit', true)) await repository.branch.commit();
        if (isNews) tell();
        isNews = false;
        await hook.run();
      })
      .catch(onError);
    return working;
  };
  const soon = (): void => {
    const now = performance.now();
    since ??= now;
    clearTimeout(timer);
    timer = setTimeout(() => void record(), Math.max(0, Math.min(PAUSE, since + LONGEST - now)));
  };
  return {
    changed() {
      hook.changed();
      soon();
    },
    recorded() {
      isNews = true;
      soon();
    },
    close: record,
  };
}
