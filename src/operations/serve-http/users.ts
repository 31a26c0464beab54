import { createHash, timingSafeEqual } from 'node:crypto';
import { AnnexError } from '../../domain/errors.js';
import { HttpRefusal } from './refusal.js';
import { type Rights, rightsOfUser } from './permissions.js';

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export interface Users {
  /** The rights of a user; undefined when there is no such user or the password is another. */
  rightsOf(credentials: Credentials): Rights | undefined;
}

const PASSWORD = 'GIT_ANNEX_P2PHTTP_PASSWORD_';
const PERMISSIONS = 'GIT_ANNEX_P2PHTTP_PERMISSIONS_';
const ACCESS: Readonly<Record<string, 'read' | 'append'>> = { readonly: 'read', appendonly: 'append' };

/**
 * The users that the environment names (git-annex-p2phttp(1)). The variables are taken out of it, so that no child process
 * gets to know the passwords. Throws `usage` for a permission that does not exist, rather than to give all.
 */
export function takeUsers(environment: NodeJS.ProcessEnv): Users {
  const users = new Map<string, { readonly digest: Buffer; readonly rights: Rights }>();
  for (const [variable, password] of Object.entries(environment)) {
    if (!variable.startsWith(PASSWORD) || password === undefined || password === '') continue;
    const name = variable.slice(PASSWORD.length);
    const permission = environment[PERMISSIONS + name];
    const access = permission === undefined || permission === '' ? 'all' : ACCESS[permission];
    if (access === undefined) {
      const hint = 'It may be readonly or appendonly, or be left out for all permissions.';
      throw new AnnexError('usage', `${PERMISSIONS}${name} is no permission`, { hint });
    }
    users.set(name, { digest: digestOf(password), rights: rightsOfUser(access) });
  }
  for (const variable of Object.keys(environment)) {
    if (variable.startsWith(PASSWORD) || variable.startsWith(PERMISSIONS)) delete environment[variable];
  }
  const nobody = digestOf('');
  return {
    rightsOf({ name, password }) {
      const user = users.get(name);
      // As much work for a name that does not exist.
      const same = timingSafeEqual(digestOf(password), user?.digest ?? nobody);
      return same ? user?.rights : undefined;
    },
  };
}

/** HTTP basic authentication, in UTF-8. Throws `HttpRefusal` for another kind or what cannot be read. */
export function parseAuthorization(header: string | undefined): Credentials | undefined {
  if (header === undefined) return undefined;
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  const text = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon === -1)
    throw new HttpRefusal(400, 'Error parsing header Authorization failed: invalid basic auth header');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function digestOf(password: string): Buffer {
  return createHash('sha256').update(password, 'utf8').digest();
}
