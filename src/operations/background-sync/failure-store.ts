import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { md5Hex } from '../../domain/md5.js';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import { makeOwnFolder } from './own-folder.js';
import type { BackOff } from '../../planning/back-off.js';

/** What was to be done with a remote and was not. */
export interface PendingWork {
  readonly pull: boolean;
  readonly push: boolean;
  /** Whether contents were to be moved, too. */
  readonly content: boolean;
}

/** What is remembered of one remote, or repository, that failed. */
export interface Failure {
  /** The remote's name, or the repository's uuid. */
  readonly subject: ByteString;
  readonly pending: PendingWork;
  /** Undefined: it has answered since. */
  readonly backOff: BackOff | undefined;
  /** One sentence. */
  readonly reason: string;
}

const version = 1;
/** Files of other programs or of hostile size are left alone. */
const mostBytes = 64 * 1024;

/** What is remembered of failures in one repository. */
export interface FailureStore {
  /** Everything remembered, in the order of the subjects. */
  all(): Failure[];
  get(subject: ByteString): Failure | undefined;
  /** Takes the place of what was remembered before. Where that can't be written, nothing is remembered. */
  put(failure: Failure): void;
  forget(subject: ByteString): void;
}

/** Where failures are remembered, below `.git/annex`: one file for each subject. */
export function failureFolder(annexDir: ByteString, kind: 'remotes' | 'transfers'): ByteString {
  return `${annexDir}/annex-ts/failed-${kind}` as ByteString;
}

/**
 * Opens what is remembered.
 * @param kind `remotes`: exchanges of branches, by the remote's name; `transfers`: transfers of content, by the uuid of the
 *   other repository. The transfers themselves are in git-annex's `transfer/failed`, only their back-off is here.
 */
export function openFailureStore(annexDir: ByteString, kind: 'remotes' | 'transfers'): FailureStore {
  const folder = failureFolder(annexDir, kind);
  // Names may hold slashes, so their digest is the file's name.
  const pathOf = (subject: ByteString) => `${folder}/${md5Hex(subject)}` as ByteString;
  return {
    all() {
      const found = namesIn(folder).flatMap((name) => {
        const failure = /^[0-9a-f]{32}$/.test(name)
          ? readRecord(`${folder}/${name}` as ByteString)
          : undefined;
        return failure !== undefined && md5Hex(failure.subject) === name ? [failure] : [];
      });
      return found.sort((a, b) => (a.subject < b.subject ? -1 : 1));
    },
    get(subject) {
      const failure = readRecord(pathOf(subject));
      return failure?.subject === subject ? failure : undefined;
    },
    put(failure) {
      const path = pathOf(failure.subject);
      const fresh = `${path}.${process.pid}` as ByteString;
      const text = JSON.stringify({ version, ...failure, reason: fromText(failure.reason) });
      try {
        makeOwnFolder(folder);
        writeFileSync(toPath(fresh), `${text}\n`, 'latin1');
        renameSync(toPath(fresh), toPath(path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
    },
    forget(subject) {
      try {
        rmSync(toPath(pathOf(subject)), { force: true });
      } catch {
        // It stays, and the next retry finds nothing to do.
      }
    },
  };
}

function readRecord(path: ByteString): Failure | undefined {
  try {
    const text = readFileSync(toPath(path), 'latin1');
    return text.length > mostBytes ? undefined : failureOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function failureOf(value: unknown): Failure | undefined {
  const record = fieldsOf(value);
  if (record === undefined || record['version'] !== version) return undefined;
  const { subject, reason } = record;
  const pending = fieldsOf(record['pending']);
  if (typeof subject !== 'string' || typeof reason !== 'string' || pending === undefined) return undefined;
  return {
    subject: subject as ByteString,
    pending: {
      pull: pending['pull'] === true,
      push: pending['push'] === true,
      content: pending['content'] === true,
    },
    backOff: backOffOf(record['backOff']),
    reason: toText(reason as ByteString),
  };
}

function backOffOf(value: unknown): BackOff | undefined {
  const { failures, failedAt, delay } = fieldsOf(value) ?? {};
  if (!isCount(failures) || !isCount(failedAt) || !isCount(delay)) return undefined;
  return { failures, failedAt, delay };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function namesIn(folder: ByteString): string[] {
  try {
    return readdirSync(toPath(folder));
  } catch {
    return [];
  }
}
