import { createRequire } from 'node:module';

export type SqliteValue = string | number | Uint8Array;

export interface SqliteStatement {
  run(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
}

/** What is used of a SQLite database, whatever library reads it. */
export interface Sqlite {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export type OpenSqlite = (path: string) => Sqlite;

/** Node's own SQLite where there is one, else the optional package `libsql`; undefined: neither. */
export function loadSqlite(): OpenSqlite | undefined {
  const builtIn = process.getBuiltinModule('node:sqlite') as
    | { readonly DatabaseSync: new (path: string) => Sqlite }
    | undefined;
  if (builtIn !== undefined) return (path) => new builtIn.DatabaseSync(path);
  const require = createRequire(import.meta.url);
  try {
    return libsqlOpener(require('libsql') as LibsqlDatabase);
  } catch {
    return undefined;
  }
}

interface LibsqlStatement {
  run(values: SqliteValue[]): unknown;
  all(values: SqliteValue[]): unknown[];
}
type LibsqlDatabase = new (
  path: string,
) => {
  exec(sql: string): unknown;
  prepare(sql: string): LibsqlStatement;
  close(): void;
};

/** libsql takes values as one array; a lone buffer it would take for named values, and abort the process. */
function libsqlOpener(Database: LibsqlDatabase): OpenSqlite {
  return (path) => {
    const database = new Database(path);
    return {
      exec: (sql) => database.exec(sql),
      prepare(sql) {
        const statement = database.prepare(sql);
        return { run: (...values) => statement.run(values), all: (...values) => statement.all(values) };
      },
      close: () => database.close(),
    };
  };
}

/** Runs changes in one transaction: all of them count, or none. */
export function inTransaction(database: Sqlite, change: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    change();
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
