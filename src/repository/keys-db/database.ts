import { existsSync, mkdirSync, rmSync, renameSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import type { Key } from '../../domain/key.js';
import { parseKey } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import { inTransaction, loadSqlite, type OpenSqlite, type Sqlite } from '../sqlite/sqlite.js';
import { waitForFileLock } from '../locks/wait-for-lock.js';
import { type InodeCache, sizeAndSeconds } from './inode-cache.js';

/** The part of git-annex's keys database that remembers unmodified files. */
export interface KeysDatabase {
  /** Unmodified states of the object file and of populated work tree files of a key. */
  inodeCaches(key: Key): ReadonlySet<string>;
  /** The keys that a file in this state is known to hold. */
  keysWith(cache: InodeCache): readonly Key[];
  /** Adds and forgets in one transaction: keys with all their states, and states with all their keys. */
  write(
    additions: readonly (readonly [Key, InodeCache])[],
    forgotten: readonly Key[],
    disowned: readonly InodeCache[],
  ): void;
  close(): void;
}

const SCHEMA = [
  'CREATE TABLE "associated"("id" INTEGER PRIMARY KEY,"key" BLOB NOT NULL,"file" BLOB NOT NULL,CONSTRAINT "key_file_index" UNIQUE ("key","file"),CONSTRAINT "file_key_index" UNIQUE ("file","key"))',
  'CREATE TABLE "content"("id" INTEGER PRIMARY KEY,"key" BLOB NOT NULL,"inodecache" VARCHAR NOT NULL,"filesize" VARCHAR NOT NULL,"mtime" INTEGER NOT NULL,CONSTRAINT "key_inode_cache_index" UNIQUE ("key","inodecache"),CONSTRAINT "inode_cache_key_index" UNIQUE ("inodecache","key"))',
].join(';');

/** Milliseconds to wait for another process that writes. */
const PATIENCE = 10_000;

/**
 * Opens `<directory>/keysdb/db`, made when missing (with `create`). Undefined: there is none, or nothing on this machine reads
 * SQLite, or it is damaged; all can be done without it, only slower.
 * @param annexDir where its lock is
 */
export async function openKeysDatabase(
  directory: ByteString,
  annexDir: ByteString,
  create: boolean,
): Promise<KeysDatabase | undefined> {
  const path = `${directory}/keysdb/db` as ByteString;
  if (!create && !existsSync(toPath(path))) return undefined;
  const open = loadSqlite();
  if (open === undefined) return undefined;
  const lock = await waitForFileLock(`${annexDir}/keysdb.lck` as ByteString, 'exclusive');
  try {
    if (!existsSync(toPath(path))) createDatabase(path, open);
    const driver = open(toText(path));
    driver.exec(`PRAGMA busy_timeout=${PATIENCE}`);
    return keysDatabase(driver);
  } catch {
    return undefined;
  } finally {
    lock.release();
  }
}

/** Made aside and renamed, so that git-annex never sees one without tables. */
function createDatabase(path: ByteString, open: OpenSqlite): void {
  const directory = dirname(path);
  const partial = `${directory}.tmp` as ByteString;
  rmSync(toPath(partial), { recursive: true, force: true });
  mkdirSync(toPath(partial), { recursive: true });
  const driver = open(toText(`${partial}/db` as ByteString));
  driver.exec('PRAGMA journal_mode=WAL');
  driver.exec(SCHEMA);
  driver.close();
  renameSync(toPath(partial), toPath(directory as ByteString));
}

function keysDatabase(driver: Sqlite): KeysDatabase {
  const byKey = driver.prepare('SELECT inodecache FROM content WHERE key = ?');
  const byCache = driver.prepare('SELECT key FROM content WHERE inodecache = ?');
  const insert = driver.prepare(
    'INSERT OR IGNORE INTO content (key,inodecache,filesize,mtime) VALUES (?,?,?,?)',
  );
  const forget = driver.prepare('DELETE FROM content WHERE key = ?');
  const disown = driver.prepare('DELETE FROM content WHERE inodecache = ?');
  return {
    inodeCaches: (key) =>
      new Set(byKey.all(toBuffer(key)).map((row) => String((row as { inodecache: unknown }).inodecache))),
    keysWith: (cache) => byCache.all(cache).flatMap((row) => keyOf((row as { key: unknown }).key) ?? []),
    write(additions, forgotten, disowned) {
      inTransaction(driver, () => {
        for (const cache of disowned) disown.run(cache);
        for (const key of forgotten) forget.run(toBuffer(key));
        for (const [key, cache] of additions) {
          const { size, seconds } = sizeAndSeconds(cache);
          insert.run(toBuffer(key), cache, size, seconds);
        }
      });
    },
    close: () => driver.close(),
  };
}

function keyOf(value: unknown): Key | undefined {
  if (typeof value === 'string') return parseKey(value);
  return value instanceof Uint8Array || value instanceof ArrayBuffer
    ? parseKey(fromBuffer(Buffer.from(value as ArrayBuffer)))
    : undefined;
}
