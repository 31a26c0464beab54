import type { Remote } from '../../remotes/remote.js';
import type { CaseScene, RemoteCase, RemoteState, TestContent } from './case.js';
import { cleanUp } from './clean-up.js';
import { type FailureReport, failureOf } from './failure.js';
import { answerWithin } from './patience.js';
import type { Link } from './link.js';
import type { CaseGroup } from './plan-groups.js';
import { prepare } from './steps.js';
import type { SuiteOptions } from './suite.js';

export interface GroupRun {
  readonly group: CaseGroup;
  /** Those of the group that are to be run. */
  readonly cases: readonly RemoteCase[];
  readonly link: Link;
  /** Asked before each case. */
  readonly mayGoOn: () => boolean;
}

/** Runs the cases of a group in order on the same contents, and removes what was made for them. */
export async function runGroup(options: SuiteOptions, run: GroupRun): Promise<void> {
  const plan = run.group.contents;
  if ('existing' in plan) {
    options.onGroup(run.group);
    await runCases(options, run, [plan.existing]);
    return;
  }
  const contents = plan.map(options.makeContent);
  options.noteKeys(contents.map(({ key }) => key));
  options.onGroup(run.group);
  let sound = false;
  try {
    sound = await runCases(options, run, contents);
  } finally {
    if (run.group.on === 'remote') await tidyUp(options, run, contents, sound);
    for (const content of contents) options.forgetContent(content);
  }
}

/** Gives whether all of them passed. */
async function runCases(
  options: SuiteOptions,
  { group, cases, link, mayGoOn }: GroupRun,
  contents: readonly TestContent[],
): Promise<boolean> {
  const reach = async (): Promise<Remote> =>
    (group.on === 'unavailable' ? options.unavailable : undefined) ?? (await link.remote());
  // New contents cannot be anywhere yet.
  let state: RemoteState = 'existing' in group.contents ? 'present' : 'absent';
  let sound = true;
  for (const one of cases) {
    if (!mayGoOn()) return false;
    options.signal.throwIfAborted();
    const unprepared = group.on === 'remote' && state !== one.given;
    const work = async (signal: AbortSignal) => {
      const scene: CaseScene = { remote: await reach(), here: options.here, contents, signal };
      if (unprepared) await prepare(scene, one.given);
      await one.run(scene);
    };
    const failure = await timed(options, group, one.name, () =>
      answerWithin(options.timeout, work, options.signal),
    );
    state = one.leaves ?? one.given;
    if (failure === undefined) continue;
    sound = false;
    if (failure.hung) await link.close();
  }
  return sound;
}

/** Clean-up is only heard of when it fails. */
async function tidyUp(
  options: SuiteOptions,
  { group, link }: GroupRun,
  contents: readonly TestContent[],
  sound: boolean,
): Promise<void> {
  const patience = Math.min(options.timeout, CLEANING);
  const started = performance.now();
  const failure = await failureOf(async () =>
    cleanUp(await link.remote(), options.here, contents, { interrupted: !sound, patience }),
  );
  if (failure === undefined) return;
  options.onResult({ group: group.name, name: 'clean up', seconds: secondsSince(started), failure });
}

/** Milliseconds at most for each step of cleaning up. */
const CLEANING = 15_000;

async function timed(
  options: SuiteOptions,
  group: CaseGroup,
  name: string,
  work: () => Promise<unknown>,
): Promise<FailureReport | undefined> {
  const started = performance.now();
  const failure = await failureOf(work);
  // What was stopped by the user neither passed nor failed.
  options.signal.throwIfAborted();
  options.onResult({ group: group.name, name, seconds: secondsSince(started), failure });
  return failure;
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
