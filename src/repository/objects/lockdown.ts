import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Settings } from '../settings/settings.js';
import type { Permissions } from './permissions.js';

/** Protects content at rest from being changed or deleted by accident (git-annex: internals/lockdown). */
export interface Lockdown {
  freezeFile(path: ByteString): void;
  thawFile(path: ByteString): void;
  freezeDirectory(path: ByteString): void;
  thawDirectory(path: ByteString): void;
}

/**
 * Changes modes (unless `annex.crippledfilesystem`), and runs `annex.freezecontent-command` after freezing and
 * `annex.thawcontent-command` before thawing, or the hooks `freezecontent-annex` and `thawcontent-annex`.
 */
export function createLockdown(settings: Settings, gitDir: ByteString, permissions: Permissions): Lockdown {
  const crippled = settings.bool('annex.crippledfilesystem', false);
  const freezing = programFor(settings, gitDir, 'freezecontent');
  const thawing = programFor(settings, gitDir, 'thawcontent');

  function freeze(path: ByteString, frozen: (mode: number) => number): void {
    if (!crippled) changeMode(path, frozen);
    freezing?.(path);
  }
  function thaw(path: ByteString): void {
    thawing?.(path);
    if (!crippled) changeMode(path, (mode) => (mode | 0o200) & 0o7777);
  }
  return {
    freezeFile: (path) => freeze(path, permissions.frozenFile),
    freezeDirectory: (path) => freeze(path, permissions.frozenDirectory),
    thawFile: thaw,
    thawDirectory: thaw,
  };
}

/** Another user's file of a shared repository cannot be changed, and need not be. */
function changeMode(path: ByteString, change: (mode: number) => number): void {
  const name = toPath(path);
  const mode = statSync(name).mode & 0o7777;
  const wanted = change(mode);
  if (wanted === mode) return;
  try {
    chmodSync(name, wanted);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

function programFor(
  settings: Settings,
  gitDir: ByteString,
  name: string,
): ((path: ByteString) => void) | undefined {
  const command = settings.get(`annex.${name}-command`);
  if (command !== undefined && command !== '') return (path) => runCommandTemplate(command, '%path', path);
  const hook = `${toText(gitDir)}/hooks/${name}-annex`;
  if (!isExecutable(hook)) return undefined;
  return (path) => void spawnSync(hook, [toText(path)], { stdio: ['ignore', 2, 2] });
}

/** Runs a shell command in which a placeholder stands for a path, as git-annex does: the path comes shell-quoted. */
export function runCommandTemplate(command: ByteString, placeholder: string, path: ByteString): void {
  const quoted = `'${path.replaceAll("'", "'\\''")}'`;
  const script = command.replaceAll(placeholder, () => quoted);
  spawnSync('/bin/sh', ['-c', toText(script as ByteString)], { stdio: ['ignore', 2, 2] });
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
