import { AnnexError } from '../../domain/errors.js';
import { configLogPath, parseConfigLog } from '../../domain/logs/config-log.js';
import { formatSizeShort } from '../../domain/data-units.js';
import type { JsonValue } from '../../domain/events.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import { listSettings } from '../../remotes/list/list-settings.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { chooseRemotes, type SyncRemote } from '../sync/choose-remotes.js';
import { type ContentScene, setScene } from '../sync/content-scene.js';
import { currentBranch, isDerived } from '../sync/current-branch.js';
import type { SyncKind } from '../sync/sync.js';
import { planSync, type SyncRequest } from '../sync/sync-request.js';
import { openSession, type Session, type SessionOptions } from '../transfer/session.js';
import { type Completion, createCompletion, percentOf } from './completion.js';
import { planContent } from './plan-content.js';
import { planGit } from './plan-git.js';
import { createPlanTeller, totalsFields, totalsLine } from './tell-plan.js';

export interface PlanManner {
  /** Tells the terms that decided. */
  readonly explain: boolean;
  /** Tells only whether something is left to do, and how complete each repository is. */
  readonly check: boolean;
}

/**
 * Tells what a sync would do, and does nothing of it: the repository is to be opened `readOnly`, and remotes are asked for
 * their refs only.
 */
export async function planOnly(
  repository: Repository,
  request: SyncRequest,
  context: OperationContext,
  { command, contentByDefault }: SyncKind,
  options: SessionOptions,
  { explain, check }: PlanManner,
): Promise<Outcome> {
  const { settings, git } = repository;
  const all = await listSettings(repository);
  const remotes = chooseRemotes(all, request.remotes, settings, request.fast);
  settings.useBranchDefaults(parseConfigLog(await repository.branch.read(configLogPath)));
  const plan = planSync(request, settings, contentByDefault || check);
  const teller = createPlanTeller(context.emit, command, check);
  const head = await currentBranch(git);
  const branch = plan.onlyAnnex || head === undefined || isDerived(head) ? undefined : head;
  const unreachable =
    command === 'satisfy'
      ? new Set<SyncRemote>()
      : await planGit(repository, { request, plan, branch, remotes }, context, teller);
  let failed = unreachable.size;
  let missing = 0;
  const completions: JsonValue[] = [];
  if (plan.content) {
    const session = await openSession(repository, context, { ...options, openRepository: refuseToOpen });
    const answering = remotes.filter((remote) => !unreachable.has(remote));
    const broken = new Set<never>();
    const scene = await setScene(session, {
      plan,
      request,
      remotes: answering,
      dropHere: true,
      broken,
      options,
    });
    const completion = createCompletion(scene.rules);
    const look = check ? completion.look : undefined;
    failed += await planContent(session, scene, request, teller, {
      explain,
      ...(look === undefined ? {} : { look }),
    });
    if (check)
      for (const [uuid, of] of completion.all) {
        missing += of.missingFiles;
        completions.push(tellCompletion(context, session, scene, uuid, of));
      }
  }
  const left = [...teller.totals].reduce(
    (sum, [action, { files }]) => sum + (action === 'keep' ? 0 : files),
    0,
  );
  const outOfStep = left + missing > 0;
  if (check) context.emit({ type: 'output', bytes: checkLine(left, missing) });
  else if (plan.content) context.emit({ type: 'output', bytes: fromText(`${totalsLine(teller.totals)}\n`) });
  const summary = {
    failed,
    unavailable: [...unreachable].map(({ name }) => name),
    ...totalsFields(teller.totals),
    ...(check ? { 'in-sync': !outOfStep && failed === 0, repositories: completions } : {}),
  };
  context.emit({ type: 'record', fields: { command, [check ? 'check' : 'dry-run']: true, summary } });
  return { failed, stoppedByLimit: false, outOfStep: check && outOfStep };
}

async function refuseToOpen(path: ByteString): Promise<Repository> {
  throw new AnnexError('not-initialized', `${toText(path)} is not initialised`);
}

function tellCompletion(
  { emit }: OperationContext,
  { here, policy }: Session,
  { ways }: ContentScene,
  uuid: Completed['uuid'],
  of: Completion,
): JsonValue {
  const name = uuid === here.uuid ? ('here' as ByteString) : (ways.get(uuid)?.[0]?.name ?? uuid);
  const percent = percentOf(of);
  const files = `${of.files} of ${of.files + of.missingFiles} files`;
  const bytes = `${formatSizeShort(of.bytes)} of ${formatSizeShort(of.bytes + of.missingBytes)}`;
  emit({ type: 'output', bytes: fromText(`${toText(name)}: ${percent}% (${files}, ${bytes})\n`) });
  return {
    name,
    uuid,
    description: policy.known.entry(uuid).description,
    percent,
    files: of.files,
    bytes: of.bytes,
    'missing-files': of.missingFiles,
    'missing-bytes': of.missingBytes,
  };
}

interface Completed {
  readonly uuid: Repository['uuid'];
}

function checkLine(left: number, missing: number): ByteString {
  if (left + missing === 0) return fromText('all is in sync\n');
  return fromText(
    left === 0
      ? 'not in sync: some of what is wanted cannot be had from here\n'
      : `not in sync: ${left} to do\n`,
  );
}
