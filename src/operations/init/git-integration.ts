import {
  accessSync,
  appendFileSync,
  constants,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ByteString } from '../../lib/bytes.js';
import { ascii } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { RepositoryLocation } from '../../repository/repository.js';
import type { Settings } from '../../repository/settings/settings.js';

/**
 * What git runs, as git-annex writes it. `git annex` is git-annex where that is installed, since git prefers a program to
 * an alias, and this program by the alias `annex` where it is not.
 */
const HOOKS: Readonly<Record<string, string>> = {
  'pre-commit': 'git annex pre-commit .',
  'post-receive': 'if git annex post-receive --help >/dev/null 2>&1; then git annex post-receive; fi',
  'post-checkout': 'git annex smudge --update',
  'post-merge': 'git annex smudge --update',
};

/** Started by git for many files: so without the detour by git and its alias, whichever of the programs is installed. */
const PROGRAM = '"$(command -v git-annex-ts || echo git-annex)"';
const FILTERS: Readonly<Record<string, string>> = {
  'filter.annex.smudge': `${PROGRAM} smudge -- %f`,
  'filter.annex.clean': `${PROGRAM} smudge --clean -- %f`,
  'filter.annex.process': `${PROGRAM} filter-process`,
};
const ATTRIBUTES = '* filter=annex';

/**
 * Sets up hooks, filters and attributes of a repository with a work tree.
 * @returns a sentence for each hook that was there already and is not git-annex's
 */
export async function integrateWithGit(
  location: RepositoryLocation,
  settings: Settings,
): Promise<readonly string[]> {
  if (location.workTree === undefined) return [];
  const warnings = Object.entries(HOOKS).flatMap(
    ([name, command]) => writeHook(location.commonDir, name, command) ?? [],
  );
  if (settings.get('alias.annex') === undefined) await settings.set('alias.annex', ascii('!git-annex-ts'));
  if (settings.bool('annex.supportunlocked', true)) {
    if (!keepsFilters(settings))
      for (const [name, value] of Object.entries(FILTERS)) await settings.set(name, ascii(value));
    writeAttributes(location.commonDir);
  }
  return warnings;
}

/** Takes away what `integrateWithGit` set up, and leaves what the user made of it. */
export async function separateFromGit(location: RepositoryLocation, settings: Settings): Promise<void> {
  for (const [name, command] of Object.entries(HOOKS)) {
    const path = toPath(`${location.commonDir}/hooks/${name}` as ByteString);
    if (readIfThere(path) === hookText(command)) rmSync(path);
  }
  for (const name of Object.keys(FILTERS)) {
    if (settings.get(name) !== undefined) await settings.set(name, undefined);
  }
  if (settings.get('alias.annex') === '!git-annex-ts') await settings.set('alias.annex', undefined);
  const path = toPath(`${location.commonDir}/info/attributes` as ByteString);
  const text = readIfThere(path);
  if (!text.split('\n').includes(ATTRIBUTES)) return;
  writeFileSync(path, text.replace(new RegExp(`(^|\\n)\\n?\\${ATTRIBUTES}(\\n|$)`), '$1'), 'latin1');
}

/** git-annex's own filter settings stay as long as git-annex is there to be run. */
function keepsFilters(settings: Settings): boolean {
  const process = settings.get('filter.annex.process');
  if (process?.startsWith('git-annex ') === true) return isInstalled('git-annex');
  return Object.entries(FILTERS).every(([name, value]) => settings.get(name) === value);
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** Gives a sentence when somebody else's hook is in the way. */
function writeHook(commonDir: ByteString, name: string, command: string): string | undefined {
  const path = `${commonDir}/hooks/${name}` as ByteString;
  const text = hookText(command);
  try {
    mkdirSync(toPath(`${commonDir}/hooks` as ByteString), { recursive: true });
    writeFileSync(toPath(path), text, { mode: 0o777, flag: 'wx' });
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (readFileSync(toPath(path), 'latin1').startsWith('#!/bin/sh\n# automatically configured by git-annex\n'))
    return undefined;
  return `${name} hook (.git/hooks/${name}) already exists, not configuring`;
}

function writeAttributes(commonDir: ByteString): void {
  const path = toPath(`${commonDir}/info/attributes` as ByteString);
  mkdirSync(toPath(`${commonDir}/info` as ByteString), { recursive: true });
  if (!readIfThere(path).split('\n').includes(ATTRIBUTES)) appendFileSync(path, `\n${ATTRIBUTES}\n`);
}

function hookText(command: string): string {
  return `#!/bin/sh\n# automatically configured by git-annex\n${command}\n`;
}

/** Empty where there is no such file. */
function readIfThere(path: string | Buffer): ByteString {
  try {
    return fromBuffer(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ascii('');
    throw error;
  }
}
