import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toBuffer, toPath } from '../../lib/buffers.js';
import { inTransaction, loadSqlite, type OpenSqlite, type Sqlite } from '../../repository/sqlite/sqlite.js';

/** The keys that were found to be in order since an incremental check was started: git-annex's `fsckdb`. */
export interface CheckedKeys {
  /** Whether the key was, as of the last checkpoint. */
  has(key: Key): boolean;
  add(key: Key): void;
  /** Makes the last checkpoint. */
  close(): void;
}

const SCHEMA =
  'CREATE TABLE "fscked"("id" INTEGER PRIMARY KEY,"key" BLOB NOT NULL,CONSTRAINT "fscked_key_index" UNIQUE ("key"))';

/** A checkpoint is made after so many keys or milliseconds, as in git-annex. */
const CHECKPOINT_KEYS = 1000;
const CHECKPOINT_INTERVAL = 5 * 60 * 1000;

/** Milliseconds to wait for another process that writes. */
const PATIENCE = 10_000;

/**
 * Opens `<directory>/fsckdb/db`, made when missing, and made anew when it is damaged: keys are then checked once more.
 * Undefined: nothing on this machine reads SQLite.
 */
export function openCheckedKeys(directory: ByteString): CheckedKeys | undefined {
  const open = loadSqlite();
  if (open === undefined) return undefined;
  const folder = `${directory}/fsckdb` as ByteString;
  try {
    return openDatabase(folder, open);
  } catch {
    forgetCheckedKeys(directory);
    return openDatabase(folder, open);
  }
}

function openDatabase(folder: ByteString, open: OpenSqlite): CheckedKeys {
  if (!existsSync(toPath(`${folder}/db` as ByteString))) createDatabase(folder, open);
  const database = open(toText(`${folder}/db` as ByteString));
  try {
    database.exec(`PRAGMA busy_timeout=${PATIENCE}`);
    return checkedKeys(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Forgets all checked keys. Nobody else may have them open. */
export function forgetCheckedKeys(directory: ByteString): void {
  rmSync(toPath(`${directory}/fsckdb` as ByteString), { recursive: true, force: true });
}

/** Made aside and renamed, so that git-annex never sees one without its table. */
function createDatabase(folder: ByteString, open: OpenSqlite): void {
  const partial = `${folder}.tmp${process.pid}` as ByteString;
  rmSync(toPath(partial), { recursive: true, force: true });
  mkdirSync(toPath(partial), { recursive: true });
  const database = open(toText(`${partial}/db` as ByteString));
  database.exec('PRAGMA journal_mode=WAL');
  database.exec(SCHEMA);
  database.close();
  try {
    renameSync(toPath(partial), toPath(folder));
  } catch (error) {
    rmSync(toPath(partial), { recursive: true, force: true });
    if (!existsSync(toPath(`${folder}/db` as ByteString))) throw error;
  }
}

function checkedKeys(database: Sqlite): CheckedKeys {
  const find = database.prepare('SELECT 1 FROM fscked WHERE key = ?');
  const insert = database.prepare('INSERT OR IGNORE INTO fscked (key) VALUES (?)');
  let waiting: Key[] = [];
  let checkpoint = performance.now();

  const flush = (): void => {
    const keys = waiting;
    waiting = [];
    checkpoint = performance.now();
    if (keys.length === 0) return;
    inTransaction(database, () => {
      for (const key of keys) insert.run(toBuffer(key));
    });
  };
  return {
    has: (key) => find.all(toBuffer(key)).length > 0,
    add(key) {
      waiting.push(key);
      if (waiting.length >= CHECKPOINT_KEYS || performance.now() - checkpoint >= CHECKPOINT_INTERVAL) flush();
    },
    close() {
      try {
        flush();
      } finally {
        database.close();
      }
    },
  };
}
