import { groupLog } from '../../domain/logs/group-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { unusedKeys } from '../select/key-sources.js';
import { annexedEntries } from '../select/keys-of-entries.js';

/** What is the same for all items, read when it is first asked for. */
export interface SharedFacts {
  groups(): Promise<ReadonlyMap<ByteString, ReadonlySet<Uuid>>>;
  unused(): Promise<ReadonlySet<string>>;
  /** The work tree files of every key; only for those who ask about other files with the same content. */
  filesByKey(): Promise<ReadonlyMap<string, readonly ByteString[]>>;
}

export function createSharedFacts(here: Repository): SharedFacts {
  return {
    groups: once(() => readGroups(here)),
    unused: once(() => readUnused(here)),
    filesByKey: once(() => readFilesByKey(here)),
  };
}

/** Reads when first asked, and keeps the answer. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => {
    value ??= read();
    return value;
  };
}

async function readFilesByKey({ git }: Repository): Promise<Map<string, ByteString[]>> {
  const files = new Map<string, ByteString[]>();
  const entries = async function* () {
    for await (const entry of git.index([])) yield { entry };
  };
  for await (const { listed, key } of annexedEntries(git, entries())) {
    const known = files.get(key);
    if (known === undefined) files.set(key, [listed.entry.path]);
    else known.push(listed.entry.path);
  }
  return files;
}

async function readGroups(here: Repository): Promise<Map<ByteString, Set<Uuid>>> {
  const members = new Map<ByteString, Set<Uuid>>();
  for (const [uuid, groups] of groupLog.values(await here.branch.read(groupLog.path))) {
    for (const group of groups) {
      const known = members.get(group);
      if (known === undefined) members.set(group, new Set([uuid]));
      else known.add(uuid);
    }
  }
  return members;
}

async function readUnused(here: Repository): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const { key } of unusedKeys(here)) keys.add(key);
  return keys;
}
