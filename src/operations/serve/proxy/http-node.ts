import type { Uuid } from '../../../domain/uuid.js';
import { httpContent } from '../../../remotes/http/http-content.js';
import { MOST_REQUESTS } from '../../../remotes/http/open-http.js';
import { type ApiOptions, openAnnexApi } from '../../../remotes/http/open-http-remote.js';
import type { Repository } from '../../../repository/repository.js';
import { monotonicSeconds } from '../serve-repository.js';
import type { KeptNode } from './kept-node.js';
import { createPerBypass } from './per-bypass.js';

/** Contents locked at once on a server that copes with many: each keeps a connection open. */
const LOCKS = 50;

export interface HttpNodeOptions extends Pick<ApiOptions, 'identity' | 'url' | 'gitUrl'> {
  /** Gateways that a cluster there should not go through, besides those that a client names. */
  readonly bypass: readonly Uuid[];
}

/** A repository behind an http server, or behind a gateway there. It is asked when a client asks for something. */
export function httpNode(gateway: Repository, options: HttpNodeOptions): KeptNode {
  const { uuid } = options.identity;
  const apis = createPerBypass(options.bypass, (bypass) => {
    const { api, close } = openAnnexApi({ ...options, here: gateway, bypass });
    const content = httpContent({
      uuid,
      api,
      clock: monotonicSeconds,
      // Servers of git-annex 10.20250416 may hang for ever when there are more requests than they have workers.
      requests: () => (api.manyAtOnce() ? MOST_REQUESTS : 1),
      locks: () => (api.manyAtOnce() ? LOCKS : 1),
      bypass: () => undefined,
    });
    return { content, close };
  });
  return {
    ready: async () => undefined,
    serve() {
      let { content } = apis.get([]);
      return {
        uuid,
        bypass(uuids) {
          content = apis.get(uuids).content;
        },
        now: () => content.now(),
        present: (key) => content.present(key),
        lock: (key) => content.lock(key),
        remove: (key, before) => content.remove(key, before),
        open: (key, offset, file) => content.open(key, offset, file),
        receive: (key, file) => content.receive(key, file),
      };
    },
    async close() {
      for (const { close } of apis.all()) close();
    },
  };
}
