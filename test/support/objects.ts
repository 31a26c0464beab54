import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { annexFolder, objectPath } from './census.js';
import type { Repository } from './scene.js';

/** Ways in which contents get into disorder; the times and modes of the rest stay. */

/** The object's path; there must be one. */
export function objectOf(repository: Repository, key: string): string {
  const path = objectPath(repository, key);
  if (path === undefined) throw new Error(`${repository.path} has no ${key}`);
  return path.toString('latin1');
}

/** Other bytes: of the same length they can only be told by their hash. */
export function overwriteObject(repository: Repository, key: string, content: string): void {
  const path = objectOf(repository, key);
  chmodSync(path, 0o644);
  writeFileSync(path, content);
  chmodSync(path, 0o444);
}

export function deleteObject(repository: Repository, key: string): void {
  const folder = dirname(objectOf(repository, key));
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true });
}

/** Into the hash folders that bare repositories use (or the other way round); they are given without the objects folder. */
export function misplaceObject(repository: Repository, key: string, hashFolders: string): void {
  const folder = dirname(objectOf(repository, key));
  const target = join(annexFolder(repository), 'objects', hashFolders);
  mkdirSync(target, { recursive: true });
  chmodSync(folder, 0o755);
  renameSync(folder, join(target, key));
}

/** Permission bits of the object and of its folder. */
export function modesOf(repository: Repository, key: string): readonly [number, number] {
  const path = objectOf(repository, key);
  return [lstatSync(path).mode & 0o7777, lstatSync(dirname(path)).mode & 0o7777];
}

/** Where bad content is moved to. */
export const badPath = (repository: Repository, key: string): string =>
  join(annexFolder(repository), 'bad', key);

export const isQuarantined = (repository: Repository, key: string): boolean =>
  existsSync(badPath(repository, key));
