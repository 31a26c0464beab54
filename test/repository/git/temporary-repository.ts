import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteString } from '../../../src/lib/bytes.js';
import type { RepositoryLocation } from '../../../src/repository/repository.js';

/** Environment of programs run by tests: nothing of the surrounding git, a fixed author. */
export function cleanEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of Object.keys(env)) if (name.startsWith('GIT_')) delete env[name];
  return {
    ...env,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'T',
    GIT_AUTHOR_EMAIL: 't@example.com',
    GIT_COMMITTER_NAME: 'T',
    GIT_COMMITTER_EMAIL: 't@example.com',
    LC_ALL: 'C.UTF-8',
    ...more,
  };
}

/** A new folder; removed by `removeFolder`. */
export function newFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'annex-ts-')));
}

/** Removes a folder with the read-only files and folders of an annex. */
export function removeFolder(folder: string): void {
  makeWritable(folder);
  rmSync(folder, { recursive: true, force: true });
}

function makeWritable(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return;
  chmodSync(path, 0o755);
  for (const name of readdirSync(path)) makeWritable(join(path, name));
}

/** Output of a program, as bytes. */
export function output(
  folder: string,
  program: string,
  args: string[],
  more: Record<string, string> = {},
  input?: string,
): string {
  return execFileSync(program, args, {
    cwd: folder,
    env: cleanEnvironment(more),
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input: Buffer.from(input, 'latin1') }),
  });
}

export function git(folder: string, ...args: string[]): string {
  return output(folder, 'git', args);
}

export function annex(folder: string, ...args: string[]): string {
  return output(folder, 'git', ['annex', ...args]);
}

/** A new git repository with one commit. */
export function newRepository(folder: string, ...options: string[]): RepositoryLocation {
  git(folder, 'init', '-q', '-b', 'main', ...options, '.');
  return locationOf(folder);
}

export function locationOf(folder: string): RepositoryLocation {
  const gitDir = `${folder}/.git` as ByteString;
  return { gitDir, commonDir: gitDir, workTree: folder as ByteString };
}
