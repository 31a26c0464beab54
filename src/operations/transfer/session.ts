import { AnnexError } from '../../domain/errors.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { findRemote } from '../../remotes/list/find-remote.js';
import { listRemotes } from '../../remotes/list/list-remotes.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { Remote } from '../../remotes/remote.js';
import { systemClock } from '../../remotes/wrappers/clock.js';
import { explained } from '../../remotes/wrappers/explained.js';
import { type TransferRules, withTransferRules } from '../../remotes/wrappers/with-transfer-rules.js';
import type { Repository } from '../../repository/repository.js';
import { openSteering, type Steering } from '../../repository/transfers/steering.js';
import type { OperationContext, Outcome } from '../context.js';
import { loadPolicy, type PolicyOptions } from '../policy/load-policy.js';
import type { Policy } from '../policy/policy.js';
import { parseSize } from '../../repository/settings/values.js';
import { recordState } from '../settings-log/record-state.js';
import { createLimits, type Limits } from '../select/limits.js';
import type { Selection } from '../select/select.js';

/** What the commands that move content share while they run. */
export interface Session {
  readonly here: Repository;
  readonly context: OperationContext;
  readonly policy: Policy;
  /** Every configured remote, cheapest first. */
  readonly entries: readonly RemoteEntry[];
  readonly limits: Limits;
  readonly force: boolean;
  readonly steering: Steering;
  /** Whether transfers with a repository are paused and not waited for: they were when the command began, or nobody watches. */
  isLeftOut(uuid: Uuid): boolean;
  /** The remote a user's word names; throws `unknown-remote`. */
  remote(word: ByteString): Remote;
  /** Remotes to be used without being named, cheapest first. */
  readonly automatic: readonly Remote[];
  /** `annex-speculate-present`: these may have anything, whatever the location log says. */
  readonly speculative: ReadonlySet<Uuid>;
}

export interface SessionOptions extends PolicyOptions {
  readonly force?: boolean | undefined;
  readonly timeLimit?: string | undefined;
  /** A size such as `5 MB`. */
  readonly sizeLimit?: string | undefined;
  /** Opens the repository at a path, initialising it first where git-annex would. */
  readonly openRepository: (path: ByteString) => Promise<Repository>;
  /** Nobody watches: transfers that are paused fail instead of waiting. Default false. */
  readonly unattended?: boolean | undefined;
}

export async function openSession(
  here: Repository,
  context: OperationContext,
  options: SessionOptions,
): Promise<Session> {
  const warn = (text: string) => context.emit({ type: 'warning', text });
  const listed = await listRemotes(here, {
    openRepository: options.openRepository,
    warn,
    jobs: context.jobs,
  });
  const steering = openSteering(here.annexDir);
  const waitsSince = options.unattended ? Number.POSITIVE_INFINITY : processStart();
  const rules = { settings: here.settings, steering, waitsSince, clock: systemClock, tell: warn };
  const entries = ruled(listed, rules);
  const policy = await loadPolicy(here, entries, { ...options, warn });
  const limit = (text: string) => context.emit({ type: 'problem', message: [text] });
  return {
    here,
    context,
    policy,
    entries,
    limits: createLimits({ time: options.timeLimit, size: sizeLimit(options.sizeLimit), warn: limit }),
    force: options.force === true,
    steering,
    isLeftOut: (uuid) => steering.pausedBefore(waitsSince, uuid),
    remote: (word) => findRemote(entries, word, policy.known),
    speculative: new Set(
      entries.flatMap(({ settings: { name, gateway, uuid } }) =>
        uuid !== undefined && isSpeculative(here, gateway ?? name) ? [uuid] : [],
      ),
    ),
    automatic: entries.flatMap(({ settings, remote }) =>
      remote === undefined || settings.ignore || policy.trust(remote.uuid) === 'dead' ? [] : [remote],
    ),
  };
}

function isSpeculative({ settings }: Repository, name: ByteString): boolean {
  return settings.bool(`remote.${name}.annex-speculate-present`, false);
}

/** The repositories that a content may be had from, as its location log and the settings say; clusters are among them. */
export function placesToTry({ policy, speculative }: Session, log: ByteString): ReadonlySet<Uuid> {
  return new Set([...policy.known.withClusters(presentLocations(log)), ...speculative]);
}

/** The remotes, following the user's rules for transfers. */
function ruled(entries: readonly RemoteEntry[], rules: TransferRules): RemoteEntry[] {
  return entries.map(({ remote, settings: own }) => {
    const following = remote && withTransferRules(remote, { ...rules, gateway: own.gateway });
    const near = own.address.kind === 'local';
    return { settings: own, remote: near ? following : following && explained(following, rules.tell) };
  });
}

/** Milliseconds since 1970. */
function processStart(): number {
  return Date.now() - process.uptime() * 1000;
}

function sizeLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined) throw new AnnexError('usage', 'option --size-limit: failed to parse size');
  return bytes;
}

/** Ends a command: the other repositories record what they were told, then this one. */
export async function closeSession(session: Session): Promise<void> {
  const { here, context, entries } = session;
  for (const { remote } of entries) await remote?.close();
  await recordState(here, context.emit);
}

/** Counts how a command's actions ended. */
export interface Tally {
  failed: number;
}

/** Throws the reason of an interruption, where there was one. */
export function outcomeOf(session: Session, selection: Selection, tally: Tally): Outcome {
  session.context.signal.throwIfAborted();
  const unfilled = new Set(session.here.unlocked.unfilled);
  for (const name of unfilled) {
    const message = [{ name }, ': the content is here now, but it could not be put into the work tree'];
    session.context.emit({ type: 'problem', message });
  }
  return {
    failed: tally.failed + selection.unknown + unfilled.size,
    stoppedByLimit: session.limits.reached,
  };
}

/** Names of remotes, for people. */
export function namesOf(remotes: readonly Remote[]): string[] {
  return remotes.map(({ name }) => toText(name));
}

/** Refuses a remote that may not be written. */
export function assertWritable(remote: Remote): void {
  if (!remote.readonly) return;
  throw new AnnexError('read-only', `${toText(remote.name)} is readonly`, {
    hint: `It can only be read from, or remote.${toText(remote.name)}.annex-readonly is set.`,
  });
}

/** The present locations of a set of uuids among those that are remotes, cheapest first. */
export function remotesWith(remotes: readonly Remote[], uuids: ReadonlySet<Uuid>): Remote[] {
  return remotes.filter(({ uuid }) => uuids.has(uuid));
}
