import { AnnexError } from '../../domain/errors.js';
import { configLogPath, parseConfigLog } from '../../domain/logs/config-log.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import { ascii, type ByteString, toText } from '../../lib/bytes.js';
import { readyGroups } from '../../lib/ready-groups.js';
import { listDecidedSettings } from '../../remotes/list/list-settings.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { recoverInterruptedSwitch } from '../adjusted/interrupted-switch.js';
import { settleAdjusted } from '../adjusted/settle.js';
import { noteFailures } from '../background-sync/note-failures.js';
import { leaveResting } from '../background-sync/resting-remotes.js';
import { beginStep } from '../merge/git-report.js';
import { recoverInterruptedMerge } from '../merge/interrupted-merge.js';
import { whileIndexIsHeld } from '../merge/stale-index-lock.js';
import type { SessionOptions } from '../transfer/session.js';
import { chooseRemotes, hasBranches, type SyncRemote } from './choose-remotes.js';
import { cleanup } from './cleanup.js';
import { commitChanges } from './commit-changes.js';
import { type CurrentBranch, currentBranch, isDerived } from './current-branch.js';
import { guardWorkTree } from './guard-work-tree.js';
import { type FetchedRemote, fetchRemote, remoteRefs } from './fetch-remote.js';
import { knownRefs } from './known-refs.js';
import { mergeDropPoint } from './pull-remote.js';
import { grace } from './push-all.js';
import { whileReachable } from './reach-remotes.js';
import { createRounds } from './rounds.js';
import type { ContentSync } from './sync-content.js';
import { planSync, type SyncRequest } from './sync-request.js';
import type { Answer, SyncRun } from './sync-run.js';

/** What of a sync a command does, as its JSON summary names it. */
export interface SyncKind {
  readonly command: 'sync' | 'pull' | 'push' | 'assist' | 'satisfy';
  readonly contentByDefault: boolean;
}

/**
 * Brings this repository and its remotes in step: commits, pulls, merges, moves content, pushes. Remotes are asked side
 * by side; those that answer late are taken up when they do, and then the others get what came from them.
 * @throws `unknown-remote` before anything is done
 */
export async function sync(
  repository: Repository,
  request: SyncRequest,
  context: OperationContext,
  kind: SyncKind,
  sessionOptions: SessionOptions,
): Promise<Outcome> {
  const { settings } = repository;
  const all = await listDecidedSettings(repository);
  const chosen = chooseRemotes(all, request.remotes, settings, request.fast);
  return whileReachable(repository, chosen, (remotes) =>
    syncWith(repository, request, context, kind, { remotes, sessionOptions }),
  );
}

async function syncWith(
  repository: Repository,
  request: SyncRequest,
  context: OperationContext,
  { command, contentByDefault }: SyncKind,
  {
    remotes: chosen,
    sessionOptions,
  }: { readonly remotes: SyncRemote[]; readonly sessionOptions: SessionOptions },
): Promise<Outcome> {
  const { git, settings } = repository;
  await recoverInterruptedSwitch(repository);
  const head = await currentBranch(git);
  if (request.cleanup) return ended(await cleanup({ repository, context }, head, chosen.filter(hasBranches)));
  settings.useBranchDefaults(parseConfigLog(await repository.branch.read(configLogPath)));
  const plan = planSync(request, settings, contentByDefault);
  const { resolve } = plan;
  const named = request.remotes.length > 0;
  const { ready: remotes, resting } =
    request.manner === 'unattended' && !named
      ? leaveResting(repository, chosen, context.emit)
      : { ready: chosen, resting: [] };
  if (named && !plan.content) tellContentOnly(remotes, context);
  const failures = noteFailures(repository, plan, remotes, {
    clear: named && request.manner !== 'retry',
    partial: request.contentOf.length > 0,
  });
  const { allowUnrelatedHistories } = request;
  const branch = plan.onlyAnnex ? undefined : exchanged(head);
  const run: SyncRun = {
    repository,
    context,
    request,
    plan,
    resolve,
    allowUnrelatedHistories,
    failures,
    branch,
  };

  await recoverInterruptedMerge(repository);
  return whileIndexIsHeld(repository, async () => {
    const added = request.addNew ? await addNewFiles(run) : 0;
    const answers = askRemotes(run, remotes.filter(hasBranches));
    const [committed, stop] = await commitStep(run);
    let failed = added + committed;
    if (stop) {
      await Promise.all(answers);
      return ended(failed);
    }
    if (branch === undefined && head !== undefined && !plan.onlyAnnex)
      failed += complainOfDerived(context, head);
    // So that files that were deleted in the adjusted branch are not taken for hidden ones.
    if (plan.commit && branch?.adjusted?.adjustment.presence === 'hidemissing')
      failed += await settleAdjusted(repository, branch, context, false);
    failed += await mergeDropPoint(run);
    const content = plan.content ? await openContentSync(run, sessionOptions) : undefined;
    const rounds = createRounds(run, remotes, content);
    let taken = 0;
    for await (const group of groupsOf(answers)) {
      taken += group.length;
      const answered = await Promise.all(group.map((index) => answers[index] as Promise<Answer>));
      failed += await rounds.next(answered, taken === answers.length);
    }
    failed += await rounds.finish();
    await content?.finish();
    failures.settle(rounds.reached);
    const unavailable = remotes.filter((remote) => hasBranches(remote) && !rounds.reached.has(remote.name));
    const summary = {
      failed,
      remotes: remotes.map(({ name }) => name),
      unavailable: unavailable.map(({ name }) => name),
      ...(resting.length === 0 ? {} : { resting: resting.map(({ name }) => name) }),
      ...(content === undefined ? {} : { ...content.totals }),
    };
    context.emit({ type: 'record', fields: { command, summary } });
    return { failed, stoppedByLimit: content?.limited === true };
  });
}

/** Nothing is exchanged with remotes that only hold content when content is left out. */
function tellContentOnly(remotes: readonly SyncRemote[], { emit }: OperationContext): void {
  for (const { name } of remotes.filter((remote) => !hasBranches(remote))) {
    const text = `${toText(name)} has no branches that git could exchange; --content syncs what it holds`;
    emit({ type: 'aside', text });
  }
}

/** Adds files that git does not know yet; gives how many failed. */
async function addNewFiles({ repository, request, context }: SyncRun): Promise<number> {
  const top = repository.location.workTree;
  if (top === undefined) return 0;
  const { add } = await import('../add/add.js');
  const { failed } = await add(
    repository,
    {
      operands: request.contentOf.length > 0 ? request.contentOf : [top],
      cwd: request.cwd,
      includeIgnored: false,
      trackedOnly: false,
      forceLarge: false,
      forceSmall: false,
      dryRun: false,
      matching: [],
    },
    context,
  );
  return failed;
}

/** Loaded only when content is moved: most of the program is behind it. */
async function openContentSync(run: SyncRun, options: SessionOptions): Promise<ContentSync> {
  const { createContentSync } = await import('./sync-content.js');
  return createContentSync(run, options);
}

function ended(failed: number): Outcome {
  return { failed, stoppedByLimit: false };
}

/** One empty group when there is no remote to wait for: the steps are done once all the same. */
async function* groupsOf(answers: readonly Promise<unknown>[]): AsyncGenerator<readonly number[]> {
  if (answers.length === 0) yield [];
  else yield* readyGroups(answers, grace);
}

/** Starts to fetch from all remotes, or where nothing is to be pulled, to ask for their refs. Never rejects for a remote. */
function askRemotes(run: SyncRun, remotes: readonly SyncRemote[]): Promise<Answer>[] {
  const { repository, plan, context } = run;
  const { signal } = context;
  const known = remotes.length === 0 ? undefined : knownRefs(repository.git);
  const ask = async (remote: SyncRemote): Promise<FetchedRemote> => {
    if (plan.pull && remote.pull && known !== undefined) {
      return fetchRemote(repository, remote, await known, { onlyAnnex: plan.onlyAnnex, signal });
    }
    return { refs: await remoteRefs(repository, remote, signal), complaint: '' };
  };
  const answers = remotes.map(async (remote): Promise<Answer> => {
    try {
      return { remote, fetched: await ask(remote) };
    } catch (error) {
      if (error instanceof AnnexError && error.code !== 'interrupted') return { remote, fetched: error };
      throw error;
    }
  });
  // Whoever waits for one of them hears of its error; until then it must not count as unhandled.
  for (const answer of answers) answer.catch(() => undefined);
  return answers;
}

/** The branch to exchange with remotes: not one that is derived from another. */
function exchanged(head: CurrentBranch | undefined): CurrentBranch | undefined {
  return head !== undefined && isDerived(head) ? undefined : head;
}

function complainOfDerived({ emit }: OperationContext, head: CurrentBranch): number {
  emit({
    type: 'warning',
    text: `${toText(head.name)} is derived from another branch: it is neither merged into nor pushed. Use git-annex for that.`,
  });
  return 1;
}

/** Commits what is changed, where that is asked for; gives how many actions failed, and whether that ends the sync. */
async function commitStep(run: SyncRun): Promise<[failed: number, stop: boolean]> {
  const { repository, request, plan, context } = run;
  if (!plan.commit || repository.location.workTree === undefined) return [0, false];
  const step = beginStep(context, 'commit', ascii(''));
  const message = () => messageOf(repository, request);
  const guard = () => guardWorkTree(repository, plan.maxDelete);
  try {
    await commitChanges(repository, message, plan.resolve, step, guard);
  } catch (error) {
    const { code } = error as AnnexError;
    return [step.end(error), code === 'too-many-deletions' || code === 'not-mounted'];
  }
  return [step.end(), false];
}

async function messageOf(repository: Repository, { messages }: SyncRequest): Promise<readonly ByteString[]> {
  if (messages.length > 0) return messages;
  const descriptions = descriptionLog.values(await repository.branch.read(descriptionLog.path));
  return [`git-annex in ${descriptions.get(repository.uuid) ?? repository.uuid}` as ByteString];
}
