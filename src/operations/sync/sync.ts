import { AnnexError } from '../../domain/errors.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import { ascii, type ByteString, toText } from '../../lib/bytes.js';
import { readyGroups } from '../../lib/ready-groups.js';
import { remoteSettings } from '../../remotes/list/remote-settings.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { beginStep } from '../merge/git-report.js';
import { chooseRemotes, hasBranches, type SyncRemote } from './choose-remotes.js';
import { cleanup } from './cleanup.js';
import { commitChanges } from './commit-changes.js';
import { type CurrentBranch, currentBranch, isDerived } from './current-branch.js';
import { type FetchedRemote, fetchRemote, remoteRefs } from './fetch-remote.js';
import { knownRefs } from './known-refs.js';
import { mergeDropPoint, pullRemote } from './pull-remote.js';
import type { SessionOptions } from '../transfer/session.js';
import { grace, pullAgain, pushAll } from './push-all.js';
import { type ContentTotals, createContentSync } from './sync-content.js';
import { planSync, type SyncRequest } from './sync-request.js';
import type { ReadyRemote, SyncRun } from './sync-run.js';

/** What of a sync a command does, as its JSON summary names it. */
export interface SyncKind {
  readonly command: 'sync' | 'pull' | 'push';
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
  { command, contentByDefault }: SyncKind,
  sessionOptions: SessionOptions,
): Promise<Outcome> {
  const { git, settings, location } = repository;
  const base = location.workTree ?? location.gitDir;
  const remotes = chooseRemotes(remoteSettings(settings, base), request.remotes, settings, request.fast);
  const gitRemotes = remotes.filter(hasBranches);
  const head = await currentBranch(git);
  if (request.cleanup)
    return ended(head === undefined ? 0 : await cleanup({ repository, context }, head, gitRemotes));

  const plan = planSync(request, settings, contentByDefault);
  const run: SyncRun = {
    repository,
    context,
    request,
    plan,
    resolve: plan.resolve,
    allowUnrelatedHistories: request.allowUnrelatedHistories,
    branch: plan.onlyAnnex ? undefined : exchanged(head),
  };
  const answers = askRemotes(run, gitRemotes);
  let failed = 0;
  if (plan.commit && location.workTree !== undefined) failed += await commitStep(run);
  if (run.branch === undefined && head !== undefined && !plan.onlyAnnex)
    failed += complainOfDerived(context, head);
  failed += await mergeDropPoint(run);

  const refresh = async (): Promise<void> => {
    await repository.branch.update();
    await repository.branch.commit();
  };
  const content = plan.content ? createContentSync(run, sessionOptions) : undefined;
  const ready: ReadyRemote[] = [];
  let first = true;
  for await (const group of groupsOf(answers)) {
    const arrived: ReadyRemote[] = [];
    for (const index of group) {
      const remote = gitRemotes[index] as SyncRemote;
      const answer = (await answers[index]) as FetchedRemote | AnnexError;
      if (plan.pull && remote.pull) failed += await pullRemote(run, remote, answer);
      else if (answer instanceof AnnexError) failed += failedStep(run, remote, answer);
      if (!(answer instanceof AnnexError)) arrived.push({ remote, fetched: answer });
    }
    ready.push(...arrived);
    await repository.branch.update();
    if (content !== undefined) {
      const special = first ? remotes.filter((remote) => !hasBranches(remote)) : [];
      const moved = await content.pass([...arrived.map(({ remote }) => remote), ...special]);
      failed += moved.failed;
      if (moved.transferred && plan.pull) {
        for (const { remote } of ready) if (remote.pull) failed += await pullAgain(run, remote);
      }
    }
    await refresh();
    if (plan.push) failed += await pushAll(run, ready, refresh);
    first = false;
  }
  await content?.finish();
  context.emit({
    type: 'record',
    fields: { command, summary: summary(failed, remotes, ready, content?.totals) },
  });
  return ended(failed);
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
function askRemotes(run: SyncRun, remotes: readonly SyncRemote[]): Promise<FetchedRemote | AnnexError>[] {
  const { repository, plan, context } = run;
  const { git, settings } = repository;
  const { signal } = context;
  const known = remotes.length === 0 ? undefined : knownRefs(git);
  const ask = async (remote: SyncRemote): Promise<FetchedRemote> => {
    if (plan.pull && remote.pull && known !== undefined) {
      return fetchRemote(git, settings, remote, await known, { onlyAnnex: plan.onlyAnnex, signal });
    }
    return { refs: await remoteRefs(git, settings, remote, signal), complaint: '' };
  };
  const answers = remotes.map((remote) =>
    ask(remote).catch((error: unknown) => {
      if (error instanceof AnnexError && error.code !== 'interrupted') return error;
      throw error;
    }),
  );
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

async function commitStep(run: SyncRun): Promise<number> {
  const { repository, request, plan, context } = run;
  const step = beginStep(context, 'commit', ascii(''));
  try {
    await commitChanges(repository, () => messageOf(repository, request), plan.resolve, step);
  } catch (error) {
    return step.end(error);
  }
  return step.end();
}

async function messageOf(repository: Repository, { messages }: SyncRequest): Promise<readonly ByteString[]> {
  if (messages.length > 0) return messages;
  const descriptions = descriptionLog.values(await repository.branch.read(descriptionLog.path));
  return [`git-annex in ${descriptions.get(repository.uuid) ?? repository.uuid}` as ByteString];
}

/** A remote that is only pushed to, or only holds content, and did not answer. */
function failedStep({ context, plan }: SyncRun, remote: SyncRemote, error: AnnexError): number {
  return beginStep(context, plan.push && remote.push ? 'push' : 'pull', remote.name, remote).end(error);
}

function summary(
  failed: number,
  remotes: readonly SyncRemote[],
  ready: readonly ReadyRemote[],
  totals: ContentTotals | undefined,
) {
  const reached = new Set(ready.map(({ remote }) => remote.name));
  return {
    failed,
    remotes: remotes.map(({ name }) => name),
    unavailable: remotes
      .filter((remote) => hasBranches(remote) && !reached.has(remote.name))
      .map(({ name }) => name),
    ...(totals === undefined ? {} : { got: totals.got, sent: totals.sent }),
  };
}
