import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { AnnexError } from '../domain/errors.js';
import type { Access } from '../protocol/serve.js';

/** What the environment allows, as an administrator sets it in `authorized_keys` (git-annex-shell(1)). */
export interface Limits {
  readonly access: Access;
  /** `GIT_ANNEX_SHELL_LIMITED`: nothing is passed on to git-shell. */
  readonly limited: boolean;
  /** Throws `usage` for another directory than `GIT_ANNEX_SHELL_DIRECTORY` names. */
  checkDirectory(path: string): void;
}

export function limitsOf(environment: NodeJS.ProcessEnv): Limits {
  const isSet = (name: string) => (environment[`GIT_ANNEX_SHELL_${name}`] ?? '') !== '';
  const only = environment.GIT_ANNEX_SHELL_DIRECTORY ?? '';
  return {
    access: isSet('READONLY') ? 'read' : isSet('APPENDONLY') ? 'append' : 'all',
    limited: isSet('LIMITED'),
    checkDirectory(path) {
      if (only === '' || real(directoryOf(only)) === real(path)) return;
      throw new AnnexError('usage', `Only allowed to access ${only} not ${path}`);
    },
  };
}

/** An operand's directory: below the home directory when it is relative, `/~/` being the home directory. */
export function directoryOf(given: string): string {
  if (given === '/~' || given.startsWith('/~/')) return resolve(homedir(), `.${given.slice(2)}`);
  if (given.startsWith('/~'))
    throw new AnnexError('usage', 'home directories of other users are not known here: give the whole path');
  return resolve(homedir(), given);
}

/** The same directory has one name, whatever links lead to it. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
