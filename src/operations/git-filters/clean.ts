import { createHash } from 'node:crypto';
import { chmodSync, rmSync, type Stats, utimesSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { defaultExtensionLimits, keyExtension } from '../../domain/extension.js';
import { formatKey, type Key, keyBackend, keySize } from '../../domain/key.js';
import { keyName } from '../../domain/key-name.js';
import { maxPointerSize, parsePointer, pointerContent } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import { recordLocations } from '../../remotes/record-locations.js';
import { keyDigest } from '../../repository/objects/content-check.js';
import { type Hasher, hashFunction } from '../../repository/objects/hashers.js';
import type { Repository } from '../../repository/repository.js';
import type { Settings } from '../../repository/settings/settings.js';
import { ingestThin, type Scratch } from '../add/ingest.js';
import { type CleanFacts, type CleanRules, createCleanRules } from './clean-rules.js';
import { type CollectedContent, collectContent } from './collected-content.js';

/** What goes into git in place of a content. */
export interface CleanedContent {
  chunks(): AsyncIterable<Buffer> | Iterable<Buffer>;
  /** To be called when it has been sent. */
  discard(): void;
}

export interface CleanFilter {
  /**
   * The pointer for a content that is for the annex, which has it then; any other content as it is.
   * @param path relative to the top
   */
  clean(path: ByteString, content: AsyncIterable<Buffer>): Promise<CleanedContent>;
  /** Records what was taken into the annex. */
  close(): Promise<void>;
}

/** Contents after which their locations are recorded, so that little is left to `fsck` when the process is killed. */
const PORTION = 500;

/** @param scratch names for files on their way */
export function createCleanFilter(repository: Repository, scratch: Scratch): CleanFilter {
  const { location, objects, unlocked, settings } = repository;
  const thin = settings.bool('annex.thin', false);
  let rules: Promise<CleanRules> | undefined;
  let added: Key[] = [];

  async function recordAdded(): Promise<void> {
    const keys = added;
    added = [];
    await recordLocations(repository, keys, repository.uuid, 'present');
  }

  async function clean(path: ByteString, content: AsyncIterable<Buffer>): Promise<CleanedContent> {
    rules ??= createCleanRules(repository);
    const decide = await rules;
    const facts = await decide.facts(path);
    const possible = facts.ruled || facts.staged !== undefined || facts.known.length > 0;
    if (!possible) return collectContent(content, scratch, undefined);
    const backend = await decide.backend(path);
    const hasher = (await hashFunction(backend))?.start();
    const same = sameBlob(facts);
    const collected = await collectContent(content, scratch, together(hasher, same));
    if (isPointer(collected)) return collected;
    const known = await knownKey(facts, collected);
    if (known !== undefined) return pointerFor(known, collected);
    if (same?.holds(collected.size)) return collected;
    if (!(await decide.isAnnexed(path, facts, collected.size))) return collected;
    decide.assertSecure(backend);
    const key = makeKey(settings, backend, path, collected.size, hasher, facts.stats);
    const file = `${location.workTree}/${path}` as ByteString;
    const { stats } = facts;
    if (
      !(thin && isSameFile(facts, collected) && stats !== undefined && (await takeLink(key, file, stats)))
    ) {
      const place = scratch();
      collected.saveAs(place);
      await take(key, place, stats);
    }
    if (isSameFile(facts, collected)) unlocked.remember(key, objects.pathFor(key), file);
    added.push(key);
    if (added.length >= PORTION) await recordAdded();
    return pointerFor(key, collected);
  }

  /** What git sends need not be what the file has: so that is hashed. */
  async function takeLink(key: Key, file: ByteString, stats: Stats): Promise<boolean> {
    if ((await objects.verify(key, file)) !== true) return false;
    return ingestThin(objects, { file, key, stats }, scratch);
  }

  async function take(key: Key, place: ByteString, stats: Stats | undefined): Promise<void> {
    const name = toPath(place);
    try {
      if (stats !== undefined) {
        chmodSync(name, (stats.mode | 0o600) & 0o777);
        utimesSync(name, stats.atimeMs / 1000, stats.mtimeMs / 1000);
      }
      const present = objects.locate(key);
      if (present !== undefined && (await objects.verify(key, present)) === false) objects.quarantine(key);
      await objects.admit(key, place);
    } finally {
      rmSync(name, { force: true });
    }
  }

  return {
    clean,
    async close() {
      await recordAdded();
      await unlocked.flush();
    },
  };
}

function isPointer({ small }: CollectedContent): boolean {
  return (
    small !== undefined && small.length <= maxPointerSize && parsePointer(fromBuffer(small)) !== undefined
  );
}

/**
 * The key of content that is the file's and known to be unmodified. What git sends need not be the work tree's: small content
 * is hashed to be sure, of large content the size must do.
 */
async function knownKey(
  { staged, known, stats }: CleanFacts,
  content: CollectedContent,
): Promise<Key | undefined> {
  const key = known.find((each) => each === staged) ?? known[0];
  if (key === undefined || stats?.size !== content.size) return undefined;
  if (keySize(key) !== undefined && keySize(key) !== content.size) return undefined;
  const algorithm = content.small === undefined ? undefined : await hashFunction(keyBackend(key));
  if (algorithm === undefined || content.small === undefined) return key;
  return algorithm.hash(content.small) === keyDigest(key) ? key : undefined;
}

interface SameBlob extends Pick<Hasher, 'update'> {
  /** Whether the content, of that size, is the one that git has already. */
  holds(size: number): boolean;
}

/** Compares content with what git's index has itself at the path, where the sizes do not tell already. */
function sameBlob({ plain, stats }: CleanFacts): SameBlob | undefined {
  if (plain === undefined || plain.size !== stats?.size) return undefined;
  const hash = createHash(plain.sha.length === 40 ? 'sha1' : 'sha256').update(`blob ${plain.size}\0`);
  return {
    update: (bytes) => void hash.update(bytes),
    holds: (size) => size === plain.size && hash.digest('hex') === plain.sha,
  };
}

function together(...hashers: (Pick<Hasher, 'update'> | undefined)[]): Pick<Hasher, 'update'> {
  return {
    update(bytes) {
      for (const hasher of hashers) hasher?.update(bytes);
    },
  };
}

function isSameFile({ stats }: CleanFacts, content: CollectedContent): boolean {
  return stats?.isFile() === true && stats.size === content.size;
}

function pointerFor(key: Key, collected: CollectedContent): CleanedContent {
  collected.discard();
  return { chunks: () => [toBuffer(pointerContent(key))], discard: () => undefined };
}

function makeKey(
  settings: Settings,
  backend: ByteString,
  path: ByteString,
  size: number,
  hasher: Hasher | undefined,
  stats: Stats | undefined,
): Key {
  if (hasher === undefined) {
    if (backend !== 'WORM') throw new AnnexError('invalid-setting', `unknown backend ${toText(backend)}`);
    const mtime = Math.floor((stats?.mtimeMs ?? Date.now()) / 1000);
    return formatKey({ backend, size, mtime, name: keyName(path) });
  }
  const limits = {
    length: settings.int('annex.maxextensionlength', defaultExtensionLimits.length),
    count: settings.int('annex.maxextensions', defaultExtensionLimits.count),
  };
  const extension = backend.endsWith('E') ? keyExtension(path, limits) : '';
  return formatKey({ backend, size, name: `${hasher.digest()}${extension}` as ByteString });
}
