import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { type AnnexUrl, type Endpoint, type Parameters, requestUrl } from './annex-url.js';
import { authenticated } from './authenticated.js';
import type { Credential, GitCredentials } from './git-credentials.js';
import { httpRefusal, isSilence } from './http-failures.js';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';

/** Requests to one repository behind a server of the P2P protocol over HTTP. */
export interface AnnexApi {
  /** The newest version that the server speaks as far as is known. */
  version(): number;
  /**
   * Asks something; the answer has a status of 200. Falls back to an older version when the server does not know the one
   * asked for, and authenticates where that is wanted. Throws `remote-unavailable`, `permission`, `protocol`.
   */
  ask(endpoint: Endpoint, parameters: Parameters, more?: AskOptions): Promise<HttpResponse>;
  /**
   * Asks for content. Undefined: the server has no such key, or (only as long as `settled` is false) does not know this
   * version.
   */
  content(key: ByteString, parameters: Parameters, more?: AskOptions): Promise<HttpResponse | undefined>;
  /** Whether the server is known to speak the version. */
  settled(): boolean;
  /** Whether the server is known to cope with many requests at once: it says that it is ours. */
  manyAtOnce(): boolean;
}

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly headers?: { readonly [name: string]: string };
  /** Makes the body; called again when the request has to be repeated. */
  readonly body?: () => NonNullable<HttpRequest['body']>;
  readonly recycle?: HttpRequest['recycle'];
  /** Milliseconds that the server may be silent. */
  readonly patience?: number;
  readonly attempts?: HttpRequest['attempts'];
  /** The oldest version that has this request; default 0. */
  readonly since?: number;
}

export interface AnnexApiOptions {
  readonly client: HttpClient;
  readonly server: AnnexUrl;
  readonly uuid: Uuid;
  readonly clientUuid: Uuid;
  readonly credentials: GitCredentials;
  /** Gateways that a cluster should not go through. */
  readonly bypass?: readonly Uuid[];
}

const NEWEST = 4;

/**
 * Milliseconds after which a content is asked for again. A server of git-annex 10.20250416 that several ask at once leaves some
 * of them without an answer for ever; what it answers, it begins to send in less than a second.
 */
const SOON = 15_000;

export function createAnnexApi(options: AnnexApiOptions): AnnexApi {
  const { client, server, uuid, credentials } = options;
  let version = NEWEST;
  let settled = false;
  let ours = false;
  /** Nothing came of the last content that was asked for: then each further one does not have to be waited for as long. */
  let silent = false;

  async function send(
    target: Endpoint | { readonly key: ByteString },
    at: number,
    parameters: Parameters,
    more: AskOptions,
  ): Promise<HttpResponse> {
    const bypass = at < 2 ? [] : (options.bypass ?? []).map((gateway) => ['bypass', gateway] as const);
    const all: Parameters = [...parameters, ['clientuuid', options.clientUuid], ...bypass];
    const url = requestUrl(server, { uuid, version: at, parameters: all }, target);
    const method = typeof target === 'string' ? 'POST' : 'GET';
    const response = await authenticated(credentials, (authorization) =>
      client.send({
        method,
        url,
        headers: { ...more.headers, ...authorization },
        ...(more.body === undefined ? {} : { body: more.body(), recycle: more.recycle }),
        ...(more.patience === undefined ? {} : { patience: more.patience }),
        attempts: more.attempts,
        signal: more.signal,
      }),
    );
    ours ||= response.header('server')?.startsWith('git-annex-ts') === true;
    return response;
  }

  return {
    version: () => version,
    settled: () => settled,
    manyAtOnce: () => ours,
    async ask(endpoint, parameters, more = {}) {
      for (let at = version; ; at--) {
        const response = await send(endpoint, at, parameters, more);
        const reason = response.status === 200 ? undefined : await complaint(response);
        const unknown = response.status === 404 || (response.status === 400 && reason === 'bad version');
        if (!unknown || settled) {
          if (response.status !== 200) throw refusal(server, response.status, reason, credentials.known());
          if (!settled) version = at;
          settled = true;
          return response;
        }
        if (at <= (more.since ?? 0)) throw unknownRepository(server, uuid);
      }
    },
    async content(key, parameters, more = {}) {
      const attempts = silent ? [SOON] : ours ? undefined : [SOON, undefined];
      const response = await send({ key }, version, parameters, { ...more, attempts }).catch(
        (error: unknown) => {
          silent = isSilence(error);
          throw isSilence(error) && !ours ? unanswering(error) : error;
        },
      );
      silent = false;
      if (response.status === 200) {
        settled = true;
        return response;
      }
      const reason = await complaint(response);
      const unknown = response.status === 400 && reason === 'bad version' && !settled;
      if (response.status === 404 || unknown) return undefined;
      throw refusal(server, response.status, reason, credentials.known());
    },
  };
}

/** The first words of an answer that is none. */
async function complaint(response: HttpResponse): Promise<string> {
  try {
    const text = await response.text();
    return text
      .replace(/[^\x20-\x7e]+/g, ' ')
      .trim()
      .slice(0, 200);
  } catch {
    return '';
  }
}

function refusal(
  server: AnnexUrl,
  status: number,
  reason: string | undefined,
  credential: Credential | undefined,
): AnnexError {
  const { host } = new URL(server.origin);
  if (status !== 403 || credential === undefined) return httpRefusal(host, status, reason);
  return new AnnexError('permission', `${host} does not allow this to this user (403)`, {
    hint: 'A wrong password may be answered in this way too.',
  });
}

function unanswering(error: AnnexError): AnnexError {
  return new AnnexError(error.code, error.message, {
    cause: error,
    hint: 'A server of git-annex that answers no more has to be started again; more --jobs there make this rarer.',
  });
}

function unknownRepository(server: AnnexUrl, uuid: Uuid): AnnexError {
  const host = new URL(server.origin).host;
  return new AnnexError('remote-unavailable', `${host} does not serve repository ${uuid}`, {
    hint: 'Does remote.NAME.annexUrl lead to the right server, and is git annex p2phttp running in that repository?',
  });
}
