import { basicAuthorization, type GitCredentials } from './git-credentials.js';
import type { HttpResponse } from './http-client.js';

/** How often another password is tried. */
const MOST_PASSWORDS = 2;

/** Asks with what is known of the user, and again with what git knows when the server wants that. */
export async function authenticated(
  credentials: GitCredentials,
  send: (headers: { readonly [name: string]: string }) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  let used = credentials.known();
  for (let attempt = 0; ; attempt++) {
    const response = await send(used === undefined ? {} : { Authorization: basicAuthorization(used) });
    if (response.status !== 401) {
      if (used !== undefined && response.status < 300) await credentials.approve(used);
      return response;
    }
    if (used !== undefined) await credentials.reject(used);
    if (attempt === MOST_PASSWORDS) return response;
    response.discard();
    used = await credentials.get(used);
  }
}
