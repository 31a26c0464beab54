import { locationLogPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import { readBranchChanges } from '../../planning/sync-content.js';
import type { Repository } from '../../repository/repository.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { keyItem } from './content-batches.js';
import { changedPaths, type ContentState } from './content-changes.js';
import { createFilesOf } from '../select/files-of-key.js';
import { type Hands, type PassRules, passBatch } from './content-pass.js';
import { maxPending, writeContentRecord } from './content-record.js';
import type { ContentScene } from './content-scene.js';
import { createSubject } from './content-subject.js';

/** A pass over all content that has ended. */
export interface EndedPass {
  readonly scene: ContentScene;
  /** The repository as the pass has seen it. */
  readonly state: ContentState;
  /** Keys that something is left to do with. */
  readonly unsettled: ReadonlySet<Key>;
  /** Whether keys without files count. */
  readonly all: boolean;
}

/**
 * Records how far all content is in step with some repositories. What happened on the git-annex branch since the pass
 * began, by its own doing or others', is looked at once more; keys with which something is left to do are recorded as
 * pending.
 */
export async function recordSettled(repository: Repository, pass: EndedPass): Promise<void> {
  const { scene, state } = pass;
  const now = (await repository.branch.tip()) ?? state.branch;
  const changes = readBranchChanges(await changedPaths(repository.git, state.branch, now));
  let branch = state.branch;
  let left = new Set(pass.unsettled);
  if (changes.kind === 'keys') {
    branch = now;
    for (const key of await restless(repository, scene.rules, [...changes.keys])) left.add(key);
  }
  if (left.size > 0 && !pass.all) left = await thoseWithFiles(repository, left);
  if (left.size > maxPending) return;
  for (const uuid of scene.repositories) {
    const choices = scene.choices(uuid);
    writeContentRecord(repository.annexDir, uuid, { branch, tree: state.tree, choices, pending: [...left] });
  }
}

const portion = 2048;

/** Keys that another pass would do something with. */
async function restless(
  repository: Repository,
  rules: PassRules,
  keys: readonly Key[],
): Promise<ReadonlySet<Key>> {
  const found = new Set<Key>();
  const note = async (subjects: Iterable<{ readonly item: LoggedItem }>) => {
    for (const { item } of subjects) found.add(item.key);
    return new Set<never>();
  };
  const hands: Hands = {
    get: (wanted) => note(wanted.map(({ subject }) => subject)),
    send: (_, subjects) => note(subjects),
    drop: (_, subjects) => note(subjects),
    imagined: true,
  };
  const curious: PassRules = { ...rules, admits: () => true, broken: new Set() };
  for (let start = 0; start < keys.length; start += portion) {
    const some = keys.slice(start, start + portion);
    const items: LoggedItem[] = [];
    for await (const { content } of repository.branch.readMany(some.map(locationLogPath))) {
      items.push({ ...keyItem(some[items.length] as Key), log: content });
    }
    const subjects = items.map((item) =>
      createSubject(item, repository.objects.locate(item.key) !== undefined, rules.clusters),
    );
    await passBatch(curious, subjects, hands);
  }
  return found;
}

async function thoseWithFiles(repository: Repository, keys: ReadonlySet<Key>): Promise<Set<Key>> {
  if (repository.location.workTree === undefined) return new Set(keys);
  const filesOf = createFilesOf(repository);
  const found = new Set<Key>();
  for (const key of keys) if ((await filesOf(key)).length > 0) found.add(key);
  return found;
}
