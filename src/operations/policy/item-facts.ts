import { statSync } from 'node:fs';
import { keyLogPath, locationLogPath } from '../../domain/hash-directories.js';
import { keySize } from '../../domain/key.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import { parseMetadata } from '../../domain/logs/metadata-log.js';
import { parseUrlLog } from '../../domain/logs/url-log.js';
import type { MatchFacts } from '../../domain/matching/facts.js';
import type { Term } from '../../domain/matching/terms.js';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Item } from '../select/item.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { mimeEncoding, mimeType } from './mime.js';
import { createSharedFacts } from './shared-facts.js';

/** Gathers what expressions ask about items. What is the same for all items is read once. */
export interface ItemFacts {
  /** What is known without reading anything of the git-annex branch. */
  cheap(item: Item): MatchFacts;
  /** All that the terms ask for, in the order of the items; what was gathered for an item once is not read again. */
  gather(items: readonly LoggedItem[], terms: readonly Term[]): Promise<MatchFacts[]>;
}

export interface ItemFactsOptions {
  readonly here: Repository;
  readonly known: KnownRepositories;
  /** The name of an item for globs. */
  readonly nameOf: (item: Item) => ByteString | undefined;
  /** A path from the top as globs see it. */
  readonly show: (path: ByteString) => ByteString;
  readonly numcopies: (items: readonly Item[]) => Promise<number[]>;
  readonly approxNumcopies: () => Promise<number>;
}

/** What the terms of one type need, read for many items at once and put into their facts. */
type Gather = (
  items: readonly LoggedItem[],
  facts: readonly Facts[],
  terms: readonly Term[],
) => Promise<void>;

type Facts = { -readonly [name in keyof MatchFacts]: MatchFacts[name] };

export function createItemFacts(options: ItemFactsOptions): ItemFacts {
  const { here, known, nameOf } = options;
  const { branch } = here;
  const shared = createSharedFacts(here);
  const cache = new WeakMap<LoggedItem, { readonly facts: Facts; readonly gathered: Set<string> }>();

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

  const basic = (item: LoggedItem): Facts => {
    const locations = presentLocations(item.log);
    return {
      ...cheap(item),
      locations,
      trust: known.trustOf,
      expectedPresent: locations.includes(known.here),
      inRepository: (word, date) => {
        if (date !== undefined) return 'unknown';
        const uuid = known.named(word);
        if (uuid === known.here) return here.objects.locate(item.key) !== undefined;
        return known.withClusters(locations).includes(uuid);
      },
    };
  };

  const members: Gather = async (_items, facts) => {
    const groups = await shared.groups();
    const groupMembers = (group: ByteString) => groups.get(group) ?? [];
    for (const one of facts) one.groupMembers = groupMembers;
  };
  const approx: Gather = async (_items, facts) => {
    const number = await options.approxNumcopies();
    for (const one of facts) one.approxNumcopies = number;
  };
  const numcopies: Gather = async (items, facts) => {
    const numbers = await options.numcopies(items);
    for (const [i, one] of facts.entries()) one.numcopies = numbers[i];
  };
  const metadata: Gather = async (items, facts) => {
    let at = 0;
    for await (const { content } of branch.readMany(items.map(({ key }) => keyLogPath(key, 'metadata')))) {
      const { fields } = parseMetadata(content);
      const byName = new Map([...fields].map(([name, values]) => [name.toLowerCase(), values]));
      (facts[at++] as Facts).metadata = (field) => byName.get(field) ?? [];
    }
  };
  const each =
    (set: (facts: Facts, item: LoggedItem) => void): Gather =>
    async (items, facts) => {
      for (const [i, item] of items.entries()) set(facts[i] as Facts, item);
    };
  const gathers: { readonly [type in Term['type']]?: readonly Gather[] } = {
    copies: [members],
    'in-all-group': [members],
    'only-in-group': [members],
    balance: [members, numcopies],
    'lacking-copies': [members, numcopies],
    'approx-lacking-copies': [members, approx],
    'metadata-glob': [metadata],
    'metadata-compare': [metadata],
    unused: [
      async (items, facts) => {
        const keys = await shared.unused();
        await each((one, { key }) => (one.unused = keys.has(key)))(items, facts, []);
      },
    ],
    url: [
      async (items, facts) => {
        let at = 0;
        for await (const { content } of branch.readMany(items.map(({ key }) => keyLogPath(key, 'web'))))
          (facts[at++] as Facts).urls = parseUrlLog(content);
      },
    ],
    'accessed-within': [each((one, item) => (one.accessedSecondsAgo = accessed(here, item)))],
    'include-same-content': [sameContent],
    'exclude-same-content': [sameContent],
    'mime-type': [each((one, item) => (one.mimeType = ofContent(here, item, mimeType)))],
    'mime-encoding': [each((one, item) => (one.mimeEncoding = ofContent(here, item, mimeEncoding)))],
    in: [dates],
  };

  async function sameContent(items: readonly LoggedItem[], facts: readonly Facts[]): Promise<void> {
    const filesByKey = await shared.filesByKey();
    for (const [i, { key, path }] of items.entries()) {
      const others = (filesByKey.get(key) ?? []).filter((file) => file !== path);
      (facts[i] as Facts).sameContent = others.map(options.show);
    }
  }

  async function dates(items: readonly LoggedItem[], facts: readonly Facts[], terms: readonly Term[]) {
    for (const [i, item] of items.entries()) await addDates(facts[i] as Facts, options, item, terms);
  }

  return {
    cheap,
    async gather(items, terms) {
      const entries = items.map((item) => {
        const found = cache.get(item) ?? { facts: basic(item), gathered: new Set() };
        cache.set(item, found);
        return found;
      });
      for (const type of new Set(terms.map((term) => term.type))) {
        const missing = items.filter((_item, i) => !entries[i]?.gathered.has(type));
        if (missing.length === 0) continue;
        const facts = entries.filter(({ gathered }) => !gathered.has(type)).map((entry) => entry.facts);
        for (const gather of gathers[type] ?? []) await gather(missing, facts, terms);
        for (const { gathered } of entries) gathered.add(type);
      }
      return entries.map(({ facts }) => facts);
    },
  };
}

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
): Promise<void> {
  const then = new Map<ByteString, ReadonlySet<Uuid>>();
  for (const term of terms) {
    if (term.type !== 'in' || term.date === undefined || then.has(term.date)) continue;
    const name = `refs/heads/git-annex@{${term.date}}:${locationLogPath(key)}` as ByteString;
    const log = await here.git.object(name);
    then.set(term.date, new Set(log === undefined ? [] : presentLocations(log.content)));
  }
  if (then.size === 0) return;
  const now = facts.inRepository;
  facts.inRepository = (word, date) =>
    date === undefined ? (now?.(word, date) ?? 'unknown') : then.get(date)?.has(known.named(word)) === true;
}

/** Content that is not here was never read. */
function accessed(here: Repository, { key }: Item): number {
  const content = here.objects.locate(key);
  if (content === undefined) return Number.POSITIVE_INFINITY;
  return (Date.now() - statSync(toPath(content)).atimeMs) / 1000;
}
