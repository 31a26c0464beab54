import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type Key, keyFileName, parseKeyFileName } from '../../domain/key.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { makeDirectories, type Permissions } from '../objects/permissions.js';
import { safeName } from './safe-name.js';

/** What is paused: everything, transfers with one repository, or of one key. */
export type PauseScope = 'all' | { readonly uuid: Uuid } | { readonly key: Key };

/** What the user asked of running transfers, for the processes of this program that are at them to look at. */
export interface Steering {
  /** Whether all transfers are to wait. */
  pausedAll(): boolean;
  /** Whether transfers with a repository, or all, are to wait. */
  paused(uuid: Uuid): boolean;
  pausedKey(key: Key): boolean;
  /** Whether transfers with a repository, all, or those of the key, are to wait since before that time (milliseconds since 1970). */
  pausedBefore(time: number, uuid: Uuid, key?: Key): boolean;
  /** Everything that is paused now. */
  pauses(): PauseScope[];
  pause(scope: PauseScope): void;
  /** False: it was not paused. */
  resume(scope: PauseScope): boolean;
  /** Whether transfers of the key that began at that time (milliseconds since 1970) are to end. */
  cancelled(key: Key, started: number): boolean;
  /** Asks for the end of the transfers of a key that run now; those that begin later are not meant. */
  cancel(key: Key): void;
  /** Takes the request back when it has been followed, or nobody will. */
  forgetCancel(key: Key): void;
}

/**
 * Requests of the user as files below `.git/annex/annex-ts/transfers`: `pause/all`, `pause/repository-UUID`, `pause/key-KEYFILE`, and
 * `cancel/KEYFILE` with the time of the request in milliseconds since 1970.
 */
export function openSteering(annexDir: ByteString, permissions?: Permissions): Steering {
  const pauses = `${annexDir}/annex-ts/transfers/pause` as ByteString;
  const cancels = `${annexDir}/annex-ts/transfers/cancel` as ByteString;
  const pausePath = (scope: PauseScope) => toPath(`${pauses}/${pauseName(scope)}` as ByteString);
  const cancelPath = (key: Key) => toPath(`${cancels}/${keyFileName(key)}` as ByteString);
  const any = () => existsSync(toPath(pauses));

  function put(folder: ByteString, path: string | Buffer, text: string): void {
    if (permissions !== undefined) makeDirectories(folder, permissions);
    writeFileSync(path, text);
  }
  const pausedAll = () => any() && existsSync(pausePath('all'));
  return {
    pausedAll,
    paused: (uuid) => pausedAll() || (any() && existsSync(pausePath({ uuid }))),
    pausedKey: (key) => any() && existsSync(pausePath({ key })),
    pausedBefore(time, uuid, key) {
      const scopes: PauseScope[] = ['all', { uuid }, ...(key === undefined ? [] : [{ key }])];
      return any() && scopes.some((scope) => changedAt(pausePath(scope)) < time);
    },
    pauses: () => names(pauses).flatMap(pauseOf),
    pause: (scope) => put(pauses, pausePath(scope), ''),
    resume(scope) {
      const was = existsSync(pausePath(scope));
      rmSync(pausePath(scope), { force: true });
      return was;
    },
    cancelled(key, started) {
      if (statSync(cancelPath(key), { throwIfNoEntry: false }) === undefined) return false;
      return Number(contentOf(cancelPath(key))) >= started;
    },
    cancel: (key) => put(cancels, cancelPath(key), String(Date.now())),
    forgetCancel: (key) => rmSync(cancelPath(key), { force: true }),
  };
}

function pauseName(scope: PauseScope): string {
  if (scope === 'all') return scope;
  return 'uuid' in scope ? `repository-${safeName(scope.uuid)}` : `key-${keyFileName(scope.key)}`;
}

function pauseOf(name: string): PauseScope[] {
  if (name === 'all') return ['all'];
  const [, kind, rest = ''] = /^(repository|key)-(.*)$/s.exec(name) ?? [];
  const uuid = kind === 'repository' ? parseUuid(rest) : undefined;
  const key = kind === 'key' ? parseKeyFileName(rest) : undefined;
  if (uuid !== undefined) return [{ uuid }];
  return key === undefined ? [] : [{ key }];
}

function names(folder: ByteString): string[] {
  try {
    return readdirSync(toPath(folder), { encoding: 'buffer' }).map(fromBuffer).sort();
  } catch {
    return [];
  }
}

/** Milliseconds since 1970; infinite where there is no file. */
function changedAt(path: string | Buffer): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
}

function contentOf(path: string | Buffer): string {
  try {
    return readFileSync(path, 'latin1').slice(0, 100);
  } catch {
    return '';
  }
}
