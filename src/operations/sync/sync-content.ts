import { resolve } from 'node:path';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { inBatches } from '../../lib/in-batches.js';
import type { Item } from '../select/item.js';
import { select } from '../select/select.js';
import { batchLimits } from '../transfer/batch-limits.js';
import { openSession, type Session, type SessionOptions } from '../transfer/session.js';
import { withLogs } from '../transfer/with-logs.js';
import type { SyncRemote } from './choose-remotes.js';
import { type ContentChanges, type ContentState, contentChanges, contentState } from './content-changes.js';
import { recordSettled } from './content-settled.js';
import { type ContentTotals, type Partner, type TransferPass, transferBatch } from './content-transfer.js';
import { openWishes } from './content-wishes.js';
import type { SyncRun } from './sync-run.js';

export interface PassOutcome {
  readonly failed: number;
  readonly transferred: boolean;
}

/** The content part of a sync. */
export interface ContentSync {
  /** Brings the content of this repository and of some remotes in step. */
  pass(remotes: readonly SyncRemote[]): Promise<PassOutcome>;
  /** Records that nothing is left to do with the remotes whose passes went well. */
  finish(): Promise<void>;
  readonly totals: ContentTotals;
  /** Whether a limit of the user's (`--time-limit`, `--size-limit`) has ended a pass. */
  readonly limited: boolean;
}

/** A pass that went well, to be recorded once the sync has ended. */
interface Settled {
  readonly partners: readonly Partner[];
  readonly state: ContentState;
  readonly choices: string;
}

export function createContentSync(run: SyncRun, options: SessionOptions): ContentSync {
  const totals: ContentTotals = { got: 0, sent: 0 };
  const settled: Settled[] = [];
  let limited = false;
  return {
    totals,
    get limited() {
      return limited;
    },
    async pass(remotes) {
      const session = await openSession(run.repository, run.context, options);
      try {
        const pass = await preparePass(run, session, remotes);
        if (pass === undefined) return { failed: 0, transferred: false };
        const failed = pass.changes === 'nothing' ? 0 : await transferAll(run, session, pass, totals);
        limited ||= session.limits.reached;
        if (failed === 0 && !limited && pass.state !== undefined && pass.recordable) {
          settled.push({ partners: pass.partners, state: pass.state, choices: pass.choices });
        }
        return { failed, transferred: pass.moved.size > 0 };
      } finally {
        // What the remotes were told they record now, so that it comes with the next fetch.
        for (const { remote } of session.entries) await remote?.close();
      }
    },
    async finish() {
      for (const { partners, state, choices } of settled) {
        const directions = partners.map(({ remote, get, send }) => ({ uuid: remote.uuid, get, send }));
        await recordSettled(run.repository, directions, state, choices);
      }
    },
  };
}

interface Pass extends TransferPass {
  readonly state: ContentState | undefined;
  readonly changes: ContentChanges | 'nothing';
  readonly choices: string;
  /** Whether the pass looks at all content, so that its end may be recorded. */
  readonly recordable: boolean;
}

async function preparePass(
  run: SyncRun,
  session: Session,
  remotes: readonly SyncRemote[],
): Promise<Pass | undefined> {
  const partners = partnersOf(run, session, remotes);
  if (partners.length === 0) return undefined;
  const { repository, request } = run;
  const repositories = [repository.uuid, ...partners.map(({ remote }) => remote.uuid)];
  const wishes = await openWishes(session, repositories);
  const recordable = request.contentOf.length === 0 && !wishes.restricted;
  const choices = JSON.stringify({
    all: request.all,
    directions: partners.map(({ remote, get, send }) => [remote.uuid, get, send]),
  });
  await repository.branch.commit();
  const state = recordable ? await contentState(repository) : undefined;
  const uuids = partners.map(({ remote }) => remote.uuid);
  const changes =
    state === undefined || request.full
      ? 'everything'
      : await contentChanges(repository, state, uuids, choices);
  const nothing = changes !== 'everything' && changes.keys.size === 0 && changes.paths.size === 0;
  const found = nothing ? 'nothing' : changes;
  return { partners, wishes, state, changes: found, choices, recordable, moved: new Set() };
}

/** The remotes whose content is kept in step, cheapest first; of several remotes for one repository the first. */
function partnersOf({ plan }: SyncRun, session: Session, remotes: readonly SyncRemote[]): Partner[] {
  const chosen = new Map(remotes.map((remote) => [remote.name, remote]));
  const partners = new Map<Uuid, Partner>();
  for (const { settings, remote } of session.entries) {
    const wanted = chosen.get(settings.name);
    if (remote === undefined || wanted === undefined || settings.ignore) continue;
    if (remote.uuid === session.here.uuid || partners.has(remote.uuid)) continue;
    if (session.policy.trust(remote.uuid) === 'dead') continue;
    const get = plan.pull && wanted.pull;
    const send = plan.push && wanted.push && !remote.readonly;
    if (get || send) partners.set(remote.uuid, { remote, get, send });
  }
  return [...partners.values()];
}

async function transferAll(
  run: SyncRun,
  session: Session,
  pass: Pass,
  totals: ContentTotals,
): Promise<number> {
  const { request, context, repository } = run;
  const top = repository.location.workTree;
  const selection = select(
    repository,
    {
      operands: request.contentOf.map((path) => absolute(path, request.cwd)),
      cwd: top ?? repository.location.gitDir,
      ...(request.all && request.contentOf.length === 0 ? { keys: { from: 'all' } as const } : {}),
    },
    context.emit,
  );
  const items = withLogs(repository.branch, changedItems(run, selection.items, pass.changes));
  const broken = new Set<Uuid>();
  let failed = 0;
  for await (const batch of inBatches(items, batchLimits(selection))) {
    context.signal.throwIfAborted();
    if (!session.limits.timeLeft()) break;
    failed += await transferBatch(session, pass, batch, broken, totals);
  }
  for (const uuid of broken) run.failures.lost(uuid);
  return failed + selection.unknown;
}

function absolute(path: ByteString, cwd: ByteString): ByteString {
  return path.startsWith('/') ? path : (resolve('/', `${cwd}/${path}`) as ByteString);
}

/** The items that have changed, or whose key's location has. Keys without files need no listing. */
async function* changedItems(
  { repository, request }: SyncRun,
  items: AsyncIterable<Item>,
  changes: Pass['changes'],
): AsyncGenerator<Item> {
  if (changes === 'nothing') return;
  if (changes === 'everything') return yield* items;
  if (request.all || repository.location.workTree === undefined) {
    for (const key of changes.keys)
      yield { key, path: undefined, shown: undefined, input: [], unlocked: false };
    return;
  }
  for await (const item of items) {
    if (changes.keys.has(item.key) || (item.path !== undefined && changes.paths.has(item.path))) yield item;
  }
}
