import type { Emit } from '../../domain/events.js';
import type { Key } from '../../domain/key.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import {
  chooseUsedRefs,
  defaultUsedRefs,
  parseUsedRefSpec,
  shortRefName,
  type UsedRef,
  type UsedRefStep,
} from '../../domain/used-refspec.js';
import type { Uuid } from '../../domain/uuid.js';
import { parseClock, unknownClock } from '../../domain/vector-clock.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { attempt } from '../attempt.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { allKeys } from '../select/key-sources.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import { listText, type SearchedPlace } from './lists.js';
import { staleKeys } from './stale-files.js';
import { type UnusedKind, unusedKinds, writeUnused } from './unused-files.js';
import { withoutKeysOfFiles, withoutKeysOfRef } from './used-keys.js';

export interface UnusedRequest {
  /** The repository to look at: a remote's name, uuid or description; undefined: here. */
  readonly from: ByteString | undefined;
  /** Only bad and temporary files. */
  readonly fast: boolean;
  /** `--used-refspec`; undefined: as `annex.used-refspec` says. */
  readonly refspec: ByteString | undefined;
}

/** Looks for content that no file of any branch or tag uses, and numbers it: `unused`. */
export async function unused(
  here: Repository,
  known: KnownRepositories,
  request: UnusedRequest,
  context: OperationContext,
): Promise<Outcome> {
  const { from } = request;
  const steps = usedRefs(here, request.refspec);
  const running = createRunningAction(
    { command: 'unused', subject: from ?? ('.' as ByteString) },
    context.emit,
  );
  const ok = await attempt(running, async () => {
    const { found, place } = await search(here, known, request, steps, running, context.emit);
    context.signal.throwIfAborted();
    return { fields: report(here.annexDir, running, found, place) };
  });
  return { failed: ok ? 0 : 1, stoppedByLimit: false };
}

async function search(
  here: Repository,
  known: KnownRepositories,
  { from, fast }: UnusedRequest,
  steps: readonly UsedRefStep[],
  running: RunningAction,
  emit: Emit,
): Promise<{ found: ReadonlyMap<UnusedKind, readonly Key[]>; place: SearchedPlace }> {
  const found = new Map<UnusedKind, readonly Key[]>();
  if (from !== undefined) {
    const uuid = known.named(from);
    found.set('unused', await unusedKeys(here, await keysAt(here, uuid), steps, running, emit));
    const remote = uuid === here.uuid ? undefined : known.remoteName(uuid);
    return { found, place: { name: from, remote } };
  }
  if (fast) running.note('fast mode enabled; only finding stale files');
  found.set('unused', fast ? [] : await unusedKeys(here, await keysHere(here), steps, running, emit));
  found.set('bad', staleKeys(here, 'bad'));
  found.set('tmp', staleKeys(here, 'tmp'));
  return { found, place: { name: undefined, remote: undefined } };
}

/** A setting that makes no sense is as none, as for git-annex. */
function usedRefs({ settings }: Repository, option: ByteString | undefined): readonly UsedRefStep[] {
  if (option !== undefined) return parseUsedRefSpec(option, 'option --used-refspec: ');
  const configured = settings.get('annex.used-refspec');
  try {
    return configured === undefined ? defaultUsedRefs : parseUsedRefSpec(configured);
  } catch {
    return defaultUsedRefs;
  }
}

/** Tells and writes down the lists, numbered through; gives the JSON fields. */
function report(
  annexDir: ByteString,
  running: RunningAction,
  found: ReadonlyMap<UnusedKind, readonly Key[]>,
  place: SearchedPlace,
): { readonly [name: string]: { readonly [number: string]: Key } } {
  const now = currentClock();
  const fields: { [name: string]: { readonly [number: string]: Key } } = {};
  let first = 1;
  for (const kind of unusedKinds) {
    const keys = found.get(kind);
    if (keys === undefined) continue;
    writeUnused(annexDir, kind, keys, first, now);
    fields[`${kind}-list`] = Object.fromEntries(keys.map((key, i) => [String(first + i), key]));
    if (keys.length > 0) running.longNote(listText(kind, keys, first, place));
    first += keys.length;
  }
  return fields;
}

function currentClock() {
  return parseClock(`${(Date.now() / 1000).toFixed(3)}s`) ?? unknownClock;
}

async function keysHere({ objects }: Repository): Promise<Set<Key>> {
  const keys = new Set<Key>();
  for await (const key of objects.keys()) keys.add(key);
  return keys;
}

async function keysAt(here: Repository, uuid: Uuid): Promise<Set<Key>> {
  const keys = new Set<Key>();
  for await (const { key, log } of allKeys(here)) {
    if (log !== undefined && presentLocations(log).includes(uuid)) keys.add(key);
  }
  return keys;
}

/** Those of the keys that nothing uses, sorted. The set is used up. */
async function unusedKeys(
  here: Repository,
  keys: Set<Key>,
  steps: readonly UsedRefStep[],
  running: RunningAction,
  emit: Emit,
): Promise<Key[]> {
  running.note('checking for unused data...');
  await withoutKeysOfFiles(here, keys);
  const seen = new Set<ByteString>();
  const refs = keys.size === 0 ? [] : await refsToCheck(here, steps);
  for (const ref of refs) {
    running.note(`checking ${toText(shortRefName(ref.name))}...`);
    if (keys.size === 0 || (await withoutKeysOfRef(here, ref, keys, seen))) continue;
    emit({ type: 'warning', text: `fatal: bad revision '${toText(ref.name)}'` });
  }
  return [...keys].sort();
}

/** HEAD is left out where the default leads to it a second time. */
async function refsToCheck({ git }: Repository, steps: readonly UsedRefStep[]): Promise<UsedRef[]> {
  const all = await git.refs('refs/');
  const reflog = steps.some(({ type }) => type === 'add-reflog') ? await reflogOf(git) : [];
  const chosen = chooseUsedRefs(steps, all, reflog);
  if (steps !== defaultUsedRefs) return chosen;
  const head = await git.resolve('HEAD');
  return chosen.filter(({ name, sha }) => {
    if (name !== 'HEAD' || sha !== undefined) return true;
    return head !== undefined && !chosen.some((other) => other.sha === head);
  });
}

async function reflogOf(git: Repository['git']): Promise<ByteString[]> {
  const { exitCode, stdout } = await git.run(['log', '-g', '--format=%H', '--all'], { accept: 'any' });
  return exitCode === 0 ? ([...new Set(stdout.split('\n').filter(Boolean))] as ByteString[]) : [];
}
