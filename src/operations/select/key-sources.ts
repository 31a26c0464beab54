import { readdir, readFile } from 'node:fs/promises';
import { type Key, parseKey, parseKeyFileName } from '../../domain/key.js';
import { parseLocationLog } from '../../domain/logs/location-log.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';

/** A key that is met without a file, with its location log where that was at hand. */
export interface FoundKey {
  readonly key: Key;
  readonly log?: ByteString;
}

const LOCATION_LOG = /^(?:[0-9a-f]{3}\/){1,2}([^/]+)\.log$/;

/** `--all`: every key that has a location log, but those known to be dead. */
export async function* allKeys(repository: Repository): AsyncGenerator<FoundKey> {
  for await (const { path, content } of repository.branch.readAll((name) => LOCATION_LOG.test(name))) {
    const name = LOCATION_LOG.exec(path)?.[1];
    const key = name === undefined ? undefined : parseKeyFileName(name);
    if (key !== undefined && !isDead(content)) yield { key, log: content };
  }
}

function isDead(log: ByteString): boolean {
  if (!log.includes(' X ')) return false;
  return parseLocationLog(log).every(({ state }) => state === 'X');
}

/** `--unused`: what the last run of `unused` found; lines `NUMBER KEY TIME`. */
export async function* unusedKeys(repository: Repository): AsyncGenerator<FoundKey> {
  const list = await contentOf(`${repository.annexDir}/unused` as ByteString);
  for (const line of list.split('\n')) {
    const text = /^\d+ (.*?)(?: [\d.]+s)?$/.exec(line)?.[1];
    const key = text === undefined ? undefined : parseKey(text);
    if (key !== undefined) yield { key };
  }
}

/** `--failed`: transfers that failed and were not made good since, in the given directions, with all repositories. */
export async function* failedKeys(
  repository: Repository,
  directions: readonly ('download' | 'upload')[],
): AsyncGenerator<FoundKey> {
  const seen = new Set<Key>();
  for (const direction of directions) {
    const base = `${repository.annexDir}/transfer/failed/${direction}`;
    for (const uuid of await namesIn(base as ByteString)) {
      for (const name of await namesIn(`${base}/${uuid}` as ByteString)) {
        const key = parseKeyFileName(name);
        if (key === undefined || seen.has(key)) continue;
        seen.add(key);
        yield { key };
      }
    }
  }
}

/** `--incomplete`: downloads that were begun. */
export async function* incompleteKeys(repository: Repository): AsyncGenerator<FoundKey> {
  for (const name of await namesIn(`${repository.annexDir}/tmp` as ByteString)) {
    const key = parseKeyFileName(name);
    if (key !== undefined) yield { key };
  }
}

async function namesIn(directory: ByteString): Promise<ByteString[]> {
  const names = await readdir(toPath(directory), { encoding: 'buffer' }).catch(() => []);
  return names.map(fromBuffer).sort();
}

async function contentOf(path: ByteString): Promise<ByteString> {
  return readFile(toPath(path)).then(fromBuffer, () => '' as ByteString);
}
