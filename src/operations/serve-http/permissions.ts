import type { Access } from '../../protocol/session.js';
import type { HttpRequest } from './parse-request.js';
import { HttpRefusal } from './refusal.js';

/** What somebody may do. Locking keeps others from dropping, so that it is asked for on its own. */
export interface Rights {
  readonly access: Access;
  readonly lock: boolean;
}

export interface Policy {
  /** What may be done without a password; undefined: nothing. */
  readonly anonymous: Rights | undefined;
  /** Whether a password is of any use on this connection. */
  readonly asksPassword: boolean;
}

/** Sent with 401. */
export const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="git-annex", charset="UTF-8"' };

/** What a request needs. */
type Need = 'read' | 'lock' | 'write' | 'remove';

const NEEDS: { readonly [ask in HttpRequest['ask']]: Need } = {
  get: 'read',
  checkpresent: 'read',
  gettimestamp: 'read',
  lockcontent: 'lock',
  keeplocked: 'lock',
  put: 'write',
  putoffset: 'write',
  remove: 'remove',
  'remove-before': 'remove',
};

/** What a user with a password may do; who may only read may not lock either, as with git-annex. */
export function rightsOfUser(access: Access): Rights {
  return { access, lock: access !== 'read' };
}

/**
 * Refuses with 401 where a password may help, and with 403 where it does not: it was given already, or this server knows
 * none.
 * @param user the rights of who gave a user name and its password; whoever gave others is anonymous
 */
export function checkPermission(ask: HttpRequest['ask'], user: Rights | undefined, policy: Policy): void {
  const rights = user ?? policy.anonymous;
  if (rights !== undefined && allows(rights, NEEDS[ask])) return;
  if (user !== undefined) throw new HttpRefusal(403);
  if (policy.anonymous !== undefined && !policy.asksPassword) throw new HttpRefusal(403);
  throw new HttpRefusal(401, '', CHALLENGE);
}

function allows({ access, lock }: Rights, need: Need): boolean {
  switch (need) {
    case 'read':
      return true;
    case 'lock':
      return lock;
    case 'write':
      return access !== 'read';
    case 'remove':
      return access === 'all';
  }
}
