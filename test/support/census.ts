import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from './scene.js';

/** What a repository has, found by reading every object and hashing it: no annex program is asked. */
export interface Census {
  /** File names of keys whose object has the content the key names (SHA256 keys), sorted. */
  readonly intact: readonly string[];
  /** File names of keys whose object has other content. */
  readonly damaged: readonly string[];
}

export function censusOf(repository: Repository): Census {
  const annex = annexFolder(repository);
  const intact: string[] = [];
  const damaged: string[] = [];
  for (const { name, path } of objectFiles(join(annex, 'objects'))) {
    (isContentOf(name, path) ? intact : damaged).push(name);
  }
  return { intact: intact.sort(), damaged: damaged.sort() };
}

/** Key file names with intact content in any of these repositories. */
export function intactAnywhere(repositories: readonly Repository[]): Set<string> {
  return new Set(repositories.flatMap((repository) => censusOf(repository).intact));
}

/** The folder that holds `objects/`, `tmp/`, `bad/`, `journal/`. */
export function annexFolder(repository: Repository): string {
  for (const name of ['.git/annex', 'annex']) {
    const path = join(repository.path, name);
    if (existsSync(join(path, 'journal.lck')) || existsSync(join(path, 'objects'))) return path;
  }
  const common = repository.git('rev-parse', '--path-format=absolute', '--git-common-dir');
  return join(common, 'annex');
}

/** Where the object of a key lies, present or not: in the mixed or the lower hash folders. */
export function objectPath(repository: Repository, keyFile: string): Buffer | undefined {
  return objectFiles(join(annexFolder(repository), 'objects')).find(({ name }) => name === keyFile)?.path;
}

/** The key file name that a locked file of the work tree points to. */
export function keyOfLink(repository: Repository, name: string): string {
  const target = readlinkSync(repository.file(name), { encoding: 'latin1' });
  return target.slice(target.lastIndexOf('/') + 1);
}

/** The key file name of the content: what `SHA256E` gives without an extension. */
export const keyFor = (content: string | Buffer, extension = ''): string =>
  `SHA256E-s${Buffer.from(content).length}--${sha256(Buffer.from(content))}${extension}`;

/** Contents of the work tree by name (byte string), following annex links; undefined where a link is broken. */
export function workTree(repository: Repository): Map<string, string | undefined> {
  const names = repository.git('ls-files', '-z').split('\0').filter(Boolean);
  return new Map(names.map((name) => [name, readIfThere(repository.file(name))]));
}

export function readIfThere(path: Buffer | string): string | undefined {
  try {
    return readFileSync(path).toString('latin1');
  } catch {
    return undefined;
  }
}

/** Every file below a folder with its kind, mode, size and the hash of its content; `skip` names are left out. */
export function listing(folder: string, skip: (path: string) => boolean = () => false): string[] {
  const found: string[] = [];
  const visit = (path: Buffer, name: string) => {
    for (const entry of readdirSync(path, { encoding: 'buffer' }).map((e) => e.toString('latin1'))) {
      const at = name === '' ? entry : `${name}/${entry}`;
      if (skip(at)) continue;
      const below = Buffer.concat([path, Buffer.from(`/${entry}`, 'latin1')]);
      const stat = lstatSync(below);
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isDirectory()) {
        found.push(`${at}/ ${mode}`);
        visit(below, at);
      } else if (stat.isSymbolicLink()) {
        found.push(`${at} -> ${readlinkSync(below, { encoding: 'latin1' })}`);
      } else if (stat.isFile()) {
        found.push(`${at} ${mode} ${sha256(readFileSync(below))}`);
      } else found.push(`${at} special ${mode}`);
    }
  };
  visit(Buffer.from(folder), '');
  return found.sort();
}

function objectFiles(folder: string): { name: string; path: Buffer }[] {
  const files: { name: string; path: Buffer }[] = [];
  const visit = (path: Buffer) => {
    for (const entry of readdirSync(path, { encoding: 'buffer', withFileTypes: true })) {
      const below = Buffer.concat([path, Buffer.from('/'), entry.name]);
      const name = entry.name.toString('latin1');
      if (entry.isDirectory()) visit(below);
      else if (entry.isFile() && !/\.(lck|rtl|rtm|map)$/.test(name)) files.push({ name, path: below });
    }
  };
  if (existsSync(folder)) visit(Buffer.from(folder));
  return files;
}

function isContentOf(keyFile: string, path: Buffer): boolean {
  const content = readFileSync(path);
  const size = /^[^-]+(?:-[a-zA-Z]\d+)*?-s(\d+)/.exec(keyFile)?.[1];
  if (size !== undefined && Number(size) !== content.length) return false;
  const hash = /^SHA256E?-.*?--([0-9a-f]{64})/.exec(keyFile)?.[1];
  return hash === undefined || hash === sha256(content);
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
