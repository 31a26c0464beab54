import { statSync } from 'node:fs';
import { keyLogPath, locationLogPath } from '../../domain/hash-directories.js';
import { keySize } from '../../domain/key.js';
import { groupLog } from '../../domain/logs/group-log.js';
import { parseMetadata } from '../../domain/logs/metadata-log.js';
import { parseUrlLog } from '../../domain/logs/url-log.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { MatchFacts } from '../../domain/matching/facts.js';
import type { Term } from '../../domain/matching/terms.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Item } from '../select/item.js';
import { unusedKeys } from '../select/key-sources.js';
import { annexedEntries } from '../select/keys-of-entries.js';
import { mimeEncoding, mimeType } from './mime.js';

/** Gathers what expressions ask about items. What is the same for all items is read once. */
export interface ItemFacts {
  /** What is known without reading anything of the git-annex branch. */
  cheap(item: Item): MatchFacts;
  /** All that the terms ask for; `log` is the location log. */
  full(item: Item, log: ByteString, terms: readonly Term[]): Promise<MatchFacts>;
}

export interface ItemFactsOptions {
  readonly here: Repository;
  readonly known: KnownRepositories;
  /** The name of an item for globs. */
  readonly nameOf: (item: Item) => ByteString | undefined;
  /** A path from the top as globs see it. */
  readonly show: (path: ByteString) => ByteString;
  readonly numcopies: (item: Item) => Promise<number>;
  readonly approxNumcopies: () => Promise<number>;
}

export function createItemFacts(options: ItemFactsOptions): ItemFacts {
  const { here, known, nameOf } = options;
  const groups = once(() => readGroups(here));
  const unused = once(() => readUnused(here));
  const filesByKey = once(() => readFilesByKey(here));

  const cheap = (item: Item): MatchFacts => ({
    key: item.key,
    size: keySize(item.key),
    file: nameOf(item),
    locked: item.path === undefined && item.branchPath === undefined ? undefined : !item.unlocked,
    inRepository: (word, date) => {
      if (date !== undefined || known.named(word) !== known.here) return 'unknown';
      return here.objects.locate(item.key) !== undefined;
    },
  });

  return {
    cheap,
    async full(item, log, terms) {
      const locations = presentLocations(log);
      const asked = new Set(terms.map(({ type }) => type));
      const facts: Facts = {
        ...cheap(item),
        locations,
        trust: known.trustOf,
        expectedPresent: locations.includes(known.here),
        inRepository: (word, date) => {
          if (date !== undefined) return 'unknown';
          const uuid = known.named(word);
          return uuid === known.here ? here.objects.locate(item.key) !== undefined : locations.includes(uuid);
        },
      };
      if (
        ['copies', 'in-all-group', 'only-in-group', 'balance'].some((type) => asked.has(type as Term['type']))
      ) {
        const members = await groups();
        facts.groupMembers = (group) => members.get(group) ?? [];
      }
      if (asked.has('lacking-copies')) facts.numcopies = await options.numcopies(item);
      if (asked.has('approx-lacking-copies')) facts.approxNumcopies = await options.approxNumcopies();
      if (asked.has('unused')) facts.unused = (await unused()).has(item.key);
      if (asked.has('accessed-within')) facts.accessedSecondsAgo = accessed(here, item);
      if (asked.has('metadata-glob') || asked.has('metadata-compare')) {
        const { fields } = parseMetadata(await here.branch.read(keyLogPath(item.key, 'metadata')));
        const byName = new Map([...fields].map(([name, values]) => [name.toLowerCase(), values]));
        facts.metadata = (field) => byName.get(field) ?? [];
      }
      if (asked.has('url')) facts.urls = parseUrlLog(await here.branch.read(keyLogPath(item.key, 'web')));
      if (asked.has('include-same-content') || asked.has('exclude-same-content')) {
        const files = (await filesByKey()).get(item.key) ?? [];
        facts.sameContent = files.filter((path) => path !== item.path).map(options.show);
      }
      if (asked.has('mime-type')) facts.mimeType = ofContent(here, item, mimeType);
      if (asked.has('mime-encoding')) facts.mimeEncoding = ofContent(here, item, mimeEncoding);
      return addDates(facts, options, item, terms);
    },
  };
}

type Facts = { -readonly [name in keyof MatchFacts]: MatchFacts[name] };

/** `unavailable` where the content is not here; undefined where it can't be told. */
function ofContent(
  here: Repository,
  { key }: Item,
  look: (file: ByteString) => ByteString | undefined,
): ByteString | 'unavailable' | undefined {
  const content = here.objects.locate(key);
  return content === undefined ? 'unavailable' : look(content);
}

/** `in=repository@{date}`: the location log as the reflog has it. */
async function addDates(
  facts: Facts,
  { here, known }: ItemFactsOptions,
  { key }: Item,
  terms: readonly Term[],
): Promise<Facts> {
  const then = new Map<ByteString, ReadonlySet<Uuid>>();
  for (const term of terms) {
    if (term.type !== 'in' || term.date === undefined || then.has(term.date)) continue;
    const name = `refs/heads/git-annex@{${term.date}}:${locationLogPath(key)}` as ByteString;
    const log = await here.git.object(name);
    then.set(term.date, new Set(log === undefined ? [] : presentLocations(log.content)));
  }
  if (then.size === 0) return facts;
  const now = facts.inRepository;
  facts.inRepository = (word, date) =>
    date === undefined ? (now?.(word, date) ?? 'unknown') : then.get(date)?.has(known.named(word)) === true;
  return facts;
}

/** The work tree files of every key; only for those who ask about other files with the same content. */
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

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => {
    value ??= read();
    return value;
  };
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

/** Content that is not here was never read. */
function accessed(here: Repository, { key }: Item): number {
  const content = here.objects.locate(key);
  if (content === undefined) return Number.POSITIVE_INFINITY;
  return (Date.now() - statSync(toPath(content)).atimeMs) / 1000;
}
