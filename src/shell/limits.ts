import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { AnnexError } from '../domain/errors.js';
import type { Access } from '../protocol/session.js';

/** What the environment allows, as an administrator sets it in `authorized_keys` (git-annex-shell(1)). */
export interface Limits {
  readonly access: Access;
  /** `GIT_ANNEX_SHELL_LIMITED`: nothing is passed on to git-shell. */
  readonly limited: boolean;
  /** Throws `usage` for what `GIT_ANNEX_SHELL_READONLY` or `GIT_ANNEX_SHELL_APPENDONLY` forbid. */
  checkAction(does: 'read' | 'add' | 'remove'): void;
  /** Throws `usage` for another directory than `GIT_ANNEX_SHELL_DIRECTORY` names. */
  checkDirectory(path: string): void;
}

export function limitsOf(environment: NodeJS.ProcessEnv): Limits {
  const isSet = (name: string) => (environment[`GIT_ANNEX_SHELL_${name}`] ?? '') !== '';
  const only = environment.GIT_ANNEX_SHELL_DIRECTORY ?? '';
  const access = isSet('READONLY') ? 'read' : isSet('APPENDONLY') ? 'append' : 'all';
  return {
    access,
    limited: isSet('LIMITED'),
    checkAction(does) {
      if (does !== 'read' && access === 'read') throw blocked('READONLY');
      if (does === 'remove' && access === 'append') throw blocked('APPENDONLY');
    },
    checkDirectory(path) {
      if (only === '' || real(directoryOf(only)) === real(path)) return;
      throw new AnnexError('usage', `Only allowed to access ${only} not ${path}`);
    },
  };
}

/** An operand's directory: below the home directory when it is relative, `/~/` being the home directory. */
export function directoryOf(given: string): string {
  if (given === '/~' || given.startsWith('/~/')) return resolve(homedir(), `.${given.slice(2)}`);
  const user = /^\/~([^/]+)(.*)$/s.exec(given);
  if (user !== null) return resolve(homeOf(user[1] as string), `.${user[2]}`);
  return resolve(homedir(), given);
}

/** Another user's home directory, as the system's user database has it. */
function homeOf(user: string): string {
  const name = /^[\w.][\w.@-]*$/.test(user) ? user : '';
  const entry = name === '' ? '' : spawnSync('getent', ['passwd', name], { encoding: 'utf8' }).stdout;
  const home = entry?.split(':')[5] ?? '';
  if (!home.startsWith('/')) throw new AnnexError('usage', `there is no user ${JSON.stringify(user)} here`);
  return home;
}

function blocked(limit: string): AnnexError {
  return new AnnexError('usage', `Action blocked by GIT_ANNEX_SHELL_${limit}`);
}

/** The same directory has one name, whatever links lead to it. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
