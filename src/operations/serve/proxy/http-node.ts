import type { Uuid } from '../../../domain/uuid.js';
import { httpContent } from '../../../remotes/http/http-content.js';
import { MOST_REQUESTS } from '../../../remotes/http/open-http.js';
import { type ApiOptions, openAnnexApi } from '../../../remotes/http/open-http-remote.js';
import type { Repository } from '../../../repository/repository.js';
import { monotonicSeconds } from '../serve-repository.js';
import type { OpenNode } from './open-node.js';

/** Contents locked at once on a server that copes with many: each keeps a connection open. */
const LOCKS = 50;

/** A repository behind an http server, or behind a gateway there. It is asked when the client asks for something. */
export function httpNode(
  gateway: Repository,
  options: Pick<ApiOptions, 'identity' | 'url' | 'gitUrl'>,
): OpenNode {
  const { uuid } = options.identity;
  const bypass: Uuid[] = [gateway.uuid];
  const { api, close } = openAnnexApi({ ...options, here: gateway, bypass });
  const content = httpContent({
    uuid,
    api,
    clock: monotonicSeconds,
    // Servers of git-annex 10.20250416 may hang for ever when there are more requests than they have workers.
    requests: () => (api.manyAtOnce() ? MOST_REQUESTS : 1),
    locks: () => (api.manyAtOnce() ? LOCKS : 1),
    bypass: (uuids) => void bypass.splice(1, bypass.length, ...(uuids as readonly Uuid[])),
  });
  return { content, close: async () => close() };
}
