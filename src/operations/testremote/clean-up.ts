import { AnnexError } from '../../domain/errors.js';
import { toText } from '../../lib/bytes.js';
import type { Remote } from '../../remotes/remote.js';
import { presenceAll, removeAll } from './ask.js';
import { CaseFailure, type CaseScene, type LocalSide, type TestContent } from './case.js';
import { place, takeAway } from './local-side.js';
import { answerWithin } from './patience.js';
import { store } from './steps.js';

export interface CleaningOptions {
  /** Something may be there in part, which only goes when the rest follows. */
  readonly interrupted: boolean;
  /** Milliseconds for each step; what does not answer by then is left behind, and that is said. */
  readonly patience: number;
}

/** So many keys are named. */
const SHOWN = 10;

/**
 * Removes test keys from the remote and locally.
 * @throws CaseFailure that names what stays behind
 */
export async function cleanUp(
  remote: Remote,
  here: LocalSide,
  contents: readonly TestContent[],
  { interrupted, patience }: CleaningOptions,
): Promise<void> {
  const sceneUntil = (signal: AbortSignal): CaseScene => ({ remote, here, contents, signal });
  const within = (work: (scene: CaseScene) => Promise<unknown>) =>
    answerWithin(patience, (signal) => work(sceneUntil(signal)));
  try {
    if (interrupted) {
      for (const content of contents) await place(here, content);
      await within((scene) => store(scene)).catch(() => undefined);
    }
    await removeFrom(within, contents);
  } finally {
    for (const content of contents) await takeAway(here, content).catch(() => undefined);
  }
}

async function removeFrom(
  within: (work: (scene: CaseScene) => Promise<unknown>) => Promise<unknown>,
  contents: readonly TestContent[],
): Promise<void> {
  const left = new Map(contents.map(({ key }) => [key, 'it could not be found out whether it is there']));
  let why: unknown;
  try {
    await within((scene) => removeAll(scene, contents));
    await within(async (scene) => {
      for (const [key, presence] of await presenceAll(scene, contents)) {
        if (presence === 'absent') left.delete(key);
        else left.set(key, presence instanceof AnnexError ? presence.message : 'it is still there');
      }
    });
  } catch (error) {
    why = error;
  }
  if (left.size === 0) return;
  const reason = why instanceof Error ? ` (${why.message})` : '';
  const lines = [...left].map(([key, state]) => `${toText(key)}: ${state}`);
  const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} more`] : [];
  throw new CaseFailure(
    [`test keys may be left on the remote${reason}:`, ...lines.slice(0, SHOWN), ...more].join('\n'),
  );
}
