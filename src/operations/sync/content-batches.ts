import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { inBatches } from '../../lib/in-batches.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Repository } from '../../repository/repository.js';
import { hiddenItems } from '../adjusted/hidden-items.js';
import type { Item } from '../select/item.js';
import { select } from '../select/select.js';
import { batchLimits } from '../transfer/batch-limits.js';
import type { Session } from '../transfer/session.js';
import { type LoggedItem, withLogs } from '../transfer/with-logs.js';
import type { ContentChanges } from './content-changes.js';
import { isEmpty } from './guard-work-tree.js';
import { createSubject, type Subject } from './content-subject.js';
import { currentBranch } from './current-branch.js';
import type { SyncRequest } from './sync-request.js';

/** Which contents a pass looks at. */
export interface Scope {
  readonly request: Pick<SyncRequest, 'contentOf' | 'all' | 'cwd'>;
  readonly changes: ContentChanges;
  /** Keys that were dealt with already. */
  readonly done: ReadonlySet<Key>;
  /** Whether what is found about locations may be recorded. */
  readonly record: boolean;
}

/**
 * Hands out the contents of a pass in batches.
 * @returns paths that git does not know
 */
export async function eachBatch(
  session: Session,
  scope: Scope,
  work: (subjects: readonly Subject[]) => Promise<void>,
): Promise<number> {
  const { here, context, limits } = session;
  const { request } = scope;
  const top = here.location.workTree;
  const all = request.all && request.contentOf.length === 0;
  const selection = select(
    here,
    {
      operands: request.contentOf.map((path) => absolute(path, request.cwd)),
      cwd: top ?? here.location.gitDir,
      ...(all ? { keys: { from: 'all' } as const } : {}),
    },
    context.emit,
  );
  const hidden = !all && request.contentOf.length === 0;
  const found = hidden ? withHidden(here, selection.items) : selection.items;
  const items = changedItems(found, scope.changes, all || top === undefined);
  for await (const batch of inBatches(withLogs(here.branch, items), batchLimits(selection))) {
    context.signal.throwIfAborted();
    if (!limits.timeLeft()) break;
    const groups = session.policy.rules.asksSizes() ? batch.map((item) => [item]) : withoutRepeats(batch);
    for (const group of groups) await work(await subjectsOf(session, scope, group));
  }
  return selection.unknown;
}

function absolute(path: ByteString, cwd: ByteString): ByteString {
  return path.startsWith('/') ? path : (resolve('/', `${cwd}/${path}`) as ByteString);
}

/** Adds the files that an adjusted branch hides because their content is not here. */
async function* withHidden(here: Repository, items: AsyncIterable<Item>): AsyncGenerator<Item> {
  yield* items;
  const adjusted = (await currentBranch(here.git))?.adjusted;
  if (adjusted !== undefined && here.location.workTree !== undefined) yield* hiddenItems(here.git, adjusted);
}

/** Refuses to go on when a content that should be here is not and neither is any other. Looks once. */
function objectsGuard(annexDir: ByteString): () => void {
  let looked = false;
  return () => {
    if (looked) return;
    looked = true;
    const folder = `${annexDir}/objects` as ByteString;
    if (existsSync(toPath(folder)) && !isEmpty(folder)) return;
    throw new AnnexError(
      'not-mounted',
      `all annexed content is gone: ${toText(folder)} is missing or empty`,
      {
        hint: 'Is its drive mounted? If the content is lost, run `git annex-ts fsck --fast`, or go on with --force.',
      },
    );
  };
}

/** The items that have changed, or whose key's location has. Keys without files need no listing. */
async function* changedItems(
  items: AsyncIterable<Item>,
  changes: ContentChanges,
  withoutFiles: boolean,
): AsyncGenerator<Item> {
  if (changes === 'everything') return yield* items;
  if (changes.keys.size === 0 && changes.paths.size === 0) return;
  if (withoutFiles) {
    for (const key of changes.keys) yield keyItem(key);
    return;
  }
  for await (const item of items) {
    if (changes.keys.has(item.key) || (item.path !== undefined && changes.paths.has(item.path))) yield item;
  }
}

/** Files with the same content one after the other: what was done for the first need not be done again. */
function* withoutRepeats(batch: readonly LoggedItem[]): Generator<readonly LoggedItem[]> {
  let left = batch;
  while (left.length > 0) {
    const seen = new Set<Key>();
    const repeated: LoggedItem[] = [];
    const first = left.filter((item) => {
      if (!seen.has(item.key)) return seen.add(item.key);
      repeated.push(item);
      return false;
    });
    yield first;
    left = repeated;
  }
}

/** A key that stands alone. */
export function keyItem(key: Key): Item {
  return { key, path: undefined, shown: undefined, input: [], unlocked: false };
}

/** What is left to be looked at, with where it really is. */
async function subjectsOf(
  { here, policy, force }: Session,
  { done, record }: Scope,
  batch: readonly LoggedItem[],
): Promise<Subject[]> {
  const guardObjects = force ? () => undefined : objectsGuard(here.annexDir);
  const unlogged: Key[] = [];
  const subjects: Subject[] = [];
  for (const item of batch) {
    if (done.has(item.key)) continue;
    const subject = createSubject(item, here.objects.locate(item.key) !== undefined, policy.known.clusters);
    if (subject.here && !subject.present.has(here.uuid)) unlogged.push(item.key);
    if (subject.here) subject.present.add(here.uuid);
    else if (subject.present.delete(here.uuid)) guardObjects();
    subjects.push(subject);
  }
  // What came here just before an earlier run was cut off.
  if (record) await recordLocations(here, unlogged, here.uuid, 'present');
  return subjects;
}
