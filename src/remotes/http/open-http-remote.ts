import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { createParallelRequests } from '../../planning/parallel-requests.js';
import type { Repository } from '../../repository/repository.js';
import type { Remote } from '../remote.js';
import { createUnreachableRemote, type RemoteIdentity } from '../unreachable-remote.js';
import { type AnnexApi, createAnnexApi } from './annex-api.js';
import { createAnnexHttpRemote } from './annex-http-remote.js';
import { type AnnexUrl, parseAnnexUrl } from './annex-url.js';
import { createDumbHttpRemote } from './dumb-http-remote.js';
import { createGitCredentials, credentialUrl } from './git-credentials.js';
import type { HttpClient } from './http-client.js';
import {
  assertSchemeAllowed,
  MOST_REQUESTS,
  openHttpClient,
  USUAL_REQUESTS,
  wantedRequests,
} from './open-http.js';
import { createReprobingApi } from './reprobing.js';
import { createWebRequests } from './web-requests.js';
import { webUrl } from './web-url.js';

export interface HttpRemoteOptions {
  readonly identity: RemoteIdentity;
  readonly here: Repository;
  /** Where contents are: `annex+http(s)://...`, or the git repository on a plain web server. */
  readonly url: ByteString;
  /** The git repository's own url, where that is http. */
  readonly gitUrl: ByteString | undefined;
  readonly verify: boolean;
  /** The remote whose settings for http count. */
  readonly settingsOf: ByteString;
  /** Requests that the user wants at the same time; 1: it was not said. */
  readonly jobs: number;
}

/** What requests to a server of the P2P protocol over HTTP need. */
export interface ApiOptions extends Pick<HttpRemoteOptions, 'identity' | 'here' | 'url' | 'gitUrl'> {
  /** Gateways that a cluster should not go through; may change from one request to the next. */
  readonly bypass?: readonly Uuid[];
}

/** Requests to a repository on such a server. Throws `remote-unavailable` for a url that leads to none. */
export function openAnnexApi(options: ApiOptions): { readonly api: AnnexApi; close(): void } {
  const server = parseAnnexUrl(options.url);
  if (server === undefined) {
    const sentence = `${toText(options.identity.name)} is on a plain web server`;
    throw new AnnexError('remote-unavailable', sentence);
  }
  const client = openHttpClient(options.here.settings);
  return { api: apiOf(options, client, server, options.url), close: () => client.close() };
}

/** Opens what an http url leads to. Nothing is asked before it is needed. */
export function openHttpRemote(options: HttpRemoteOptions): Remote {
  const { identity, url } = options;
  try {
    const server = parseAnnexUrl(url);
    return server === undefined ? openDumb(options) : openAnnex(options, server);
  } catch (error) {
    if (error instanceof AnnexError) return createUnreachableRemote(identity, error);
    throw error;
  }
}

function openAnnex(options: HttpRemoteOptions, server: AnnexUrl): Remote {
  const { identity, here, verify, jobs } = options;
  const { settings } = here;
  const wanted = wantedRequests(settings, jobs);
  const parallel = createParallelRequests({ start: USUAL_REQUESTS, most: MOST_REQUESTS });
  const client = openHttpClient(settings, options.settingsOf);
  const first = apiOf(options, client, server, options.url);
  const api = createReprobingApi(first, () => reprobe(options, client));
  return createAnnexHttpRemote({
    identity,
    here,
    verify,
    api,
    // Servers of git-annex 10.20250416 may hang for ever when there are more requests than they have workers.
    requests: () => wanted ?? (api.manyAtOnce() ? parallel.size : 1),
    parallel,
    close: () => client.close(),
  });
}

function apiOf(options: ApiOptions, client: HttpClient, server: AnnexUrl, url: ByteString): AnnexApi {
  const { identity, here, bypass = [] } = options;
  const credentials = createGitCredentials(here.git, credentialUrl(options.gitUrl, url));
  return createAnnexApi({ client, server, uuid: identity.uuid, clientUuid: here.uuid, credentials, bypass });
}

/** A url that the repository's git config has now and had not before; it is kept for the next time. */
async function reprobe(options: HttpRemoteOptions, client: HttpClient): Promise<AnnexApi | undefined> {
  const { identity, here, gitUrl, url } = options;
  if (gitUrl === undefined || parseAnnexUrl(gitUrl) !== undefined) return undefined;
  const { discoverHttp } = await import('./discover-http.js');
  const { uuid, annexUrl } = await discoverHttp(here, gitUrl);
  const server = annexUrl === undefined ? undefined : parseAnnexUrl(annexUrl);
  if (uuid !== identity.uuid || annexUrl === undefined || annexUrl === url || server === undefined)
    return undefined;
  await here.settings.set(`remote.${identity.name}.annexurl`, annexUrl);
  return apiOf(options, client, server, annexUrl);
}

function openDumb(options: HttpRemoteOptions): Remote {
  const { identity, here, url, verify, jobs } = options;
  const { settings, git, location } = here;
  const place = webUrl(url);
  if (place === undefined)
    throw new AnnexError('remote-unavailable', `${toText(identity.name)} has a url that is none`);
  assertSchemeAllowed(settings, place.slice(0, place.indexOf(':')));
  const client = openHttpClient(settings, identity.name);
  const web = createWebRequests({
    client,
    credentials: createGitCredentials(git, url),
    settings,
    folder: location.workTree ?? location.gitDir,
  });
  return createDumbHttpRemote({
    identity: { ...identity, readonly: true },
    here,
    url: place,
    web,
    verify,
    window: wantedRequests(settings, jobs) ?? USUAL_REQUESTS,
    close: () => client.close(),
  });
}
