import { setTimeout as sleep } from 'node:timers/promises';
import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { quoteName } from '../../lib/quote-name.js';
import { createPermissions, sharingOf } from '../../repository/objects/permissions.js';
import type { Repository } from '../../repository/repository.js';
import { listSettings } from '../../remotes/list/list-settings.js';
import { openSteering } from '../../repository/transfers/steering.js';
import { readFailedTransfers } from '../../repository/transfers/failed-transfers.js';
import { retryTransfers } from '../background-sync/retry-transfers.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { loadKnownRepositories } from '../repositories/load-known-repositories.js';
import type { SessionOptions } from '../transfer/session.js';
import { cancelTransfers, type Steered } from './cancel.js';
import { clearStale } from './clear-stale.js';
import { pauseTransfers, resumeTransfers } from './pause.js';
import { snapshotFields, snapshotText } from './show-snapshot.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';
import { readTargets } from './targets.js';

export type TransferWork = 'show' | 'watch' | 'cancel' | 'pause' | 'resume' | 'retry' | 'clear-stale';

export interface TransferStatusRequest {
  readonly work: TransferWork;
  /** Files or keys. */
  readonly operands: readonly ByteString[];
  /** Remotes, for what is paused, resumed or retried. */
  readonly remotes: readonly ByteString[];
  /** All running transfers, for what is cancelled. */
  readonly all: boolean;
  /** Absolute. */
  readonly cwd: ByteString;
  /** Makes the text of a view take the place of the one before it; undefined: views follow each other. */
  readonly redraw: ((text: ByteString) => ByteString) | undefined;
}

export interface TransferStatusScene {
  readonly repository: Repository;
  readonly context: OperationContext;
  /** For what is retried. */
  readonly session: SessionOptions;
}

/** Milliseconds between two views. */
const INTERVAL = 1000;

/** Shows or steers the transfers of a repository: `transfer-status`. Throws `usage`, `unknown-remote` and `unknown-file`. */
export async function transferStatus(
  scene: TransferStatusScene,
  request: TransferStatusRequest,
): Promise<Outcome> {
  checkRequest(request);
  const { repository, context } = scene;
  const known = await repositoriesByConfig(repository);
  const permissions = createPermissions(sharingOf(repository.settings), false);
  const steering = openSteering(repository.annexDir, permissions);
  const steered: Steered = { repository, steering, names: namesOf(repository, known), context };
  const keys = await readTargets(repository, request.operands, request.cwd);
  const repositories = request.remotes.map((word) => known.named(word));
  switch (request.work) {
    case 'cancel':
      return cancelTransfers(steered, request.all ? 'all' : keys);
    case 'pause':
      return pauseTransfers(steered, { keys, repositories });
    case 'resume':
      return resumeTransfers(steered, { keys, repositories });
    case 'retry':
      return retry(scene, repositories);
    case 'clear-stale':
      return clearStale(steered);
    case 'show':
      show(steered, await lookTwice(repository, context.signal), undefined);
      return { failed: 0, stoppedByLimit: false };
    case 'watch':
      return watch(steered, request.redraw);
  }
}

function checkRequest({ work, operands, remotes, all }: TransferStatusRequest): void {
  const usage = (text: string) => new AnnexError('usage', text);
  if (work === 'cancel' && operands.length > 0 === all) throw usage('--cancel needs files or keys, or --all');
  if (all && work !== 'cancel') throw usage('--all goes with --cancel');
  const picks = work === 'cancel' || work === 'pause' || work === 'resume';
  if (operands.length > 0 && !picks) throw usage('Files and keys go with --cancel, --pause or --resume');
  if (remotes.length > 0 && !['pause', 'resume', 'retry'].includes(work))
    throw usage('--remote goes with --pause, --resume or --retry');
}

/** Tries all that failed again at once, whatever their back-off. */
function retry(
  { repository, context, session }: TransferStatusScene,
  chosen: readonly Uuid[],
): Promise<Outcome> {
  const failing = [...readFailedTransfers(repository.annexDir)].map(({ uuid }) => uuid);
  const only = new Set(chosen.length > 0 ? chosen : failing);
  return retryTransfers(repository, context, session, { only, resting: new Set() });
}

/** Where the speed of a transfer is not known from one look, a second one tells. */
async function lookTwice(repository: Repository, signal: AbortSignal): Promise<Snapshot> {
  const first = takeSnapshot(repository);
  if (first.running.every(({ bytes, speed }) => bytes === undefined || speed !== undefined)) return first;
  await sleep(INTERVAL, undefined, { signal });
  return takeSnapshot(repository, first);
}

async function watch(steered: Steered, redraw: TransferStatusRequest['redraw']): Promise<Outcome> {
  const { repository, context } = steered;
  let before: Snapshot | undefined;
  let shown: ByteString | undefined;
  while (!context.signal.aborted) {
    const snapshot = takeSnapshot(repository, before);
    shown = show(steered, snapshot, redraw, shown);
    before = snapshot;
    // An interruption is how it ends.
    await sleep(INTERVAL, undefined, { signal: context.signal }).catch(() => undefined);
  }
  return { failed: 0, stoppedByLimit: false };
}

/** Gives the text, which is not shown again while it stays the same. */
function show(
  { names, context }: Steered,
  snapshot: Snapshot,
  redraw: TransferStatusRequest['redraw'],
  shown?: ByteString,
): ByteString {
  const text = snapshotText(snapshot, names);
  context.emit({ type: 'record', fields: snapshotFields(snapshot, names) });
  if (text !== shown) context.emit({ type: 'output', bytes: redraw === undefined ? text : redraw(text) });
  return text;
}

/** What is known of repositories without asking any: this is run when one does not answer. */
async function repositoriesByConfig(repository: Repository): Promise<KnownRepositories> {
  const configured = await listSettings(repository);
  return loadKnownRepositories(
    repository,
    configured.map((one) => ({ settings: one, remote: undefined })),
  );
}

function namesOf(repository: Repository, known: KnownRepositories): Steered['names'] {
  const quotePath = () => repository.settings.bool('core.quotepath', true);
  return {
    remoteName: (uuid) => known.remoteName(uuid),
    description: (uuid) => known.description(uuid),
    quoted: (name) => quoteName(name, quotePath),
  };
}
