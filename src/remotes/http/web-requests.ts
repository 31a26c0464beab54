import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import type { Settings } from '../../repository/settings/settings.js';
import { shellOutput } from '../../repository/settings/shell-output.js';
import { authenticated } from './authenticated.js';
import type { GitCredentials } from './git-credentials.js';
import type { HttpClient, HttpResponse } from './http-client.js';

/** Plain requests to a web server, with the headers that the user's settings want. */
export interface WebRequests {
  send(
    method: 'GET' | 'HEAD',
    url: string,
    more?: { readonly headers?: { readonly [name: string]: string }; readonly signal?: AbortSignal },
  ): Promise<HttpResponse>;
}

export interface WebRequestOptions {
  readonly client: HttpClient;
  readonly credentials: GitCredentials;
  readonly settings: Settings;
  /** Where a command of the settings runs. */
  readonly folder: ByteString;
}

export function createWebRequests(options: WebRequestOptions): WebRequests {
  let extra: Promise<{ [name: string]: string }> | undefined;
  return {
    async send(method, url, { headers, signal } = {}) {
      extra ??= extraHeaders(options.settings, options.folder);
      const own = await extra;
      return authenticated(options.credentials, (authorization) =>
        options.client.send({
          method,
          url,
          // Content has to come as it is.
          headers: { ...own, 'Accept-Encoding': 'identity', ...headers, ...authorization },
          signal,
        }),
      );
    },
  };
}

/** `annex.http-headers`, or what `annex.http-headers-command` prints. */
async function extraHeaders(settings: Settings, folder: ByteString): Promise<{ [name: string]: string }> {
  const command = settings.get('annex.http-headers-command');
  const lines =
    command === undefined
      ? settings.getAll('annex.http-headers')
      : ((await shellOutput(command, folder)) ?? '').split('\n');
  const headers: { [name: string]: string } = {};
  for (const line of lines) {
    const header = headerOf(line as ByteString);
    if (header !== undefined) headers[header.name] = header.value;
  }
  return headers;
}

/** A header as settings have it, `NAME: VALUE`; undefined for what is none. */
export function headerOf(line: ByteString): { readonly name: string; readonly value: string } | undefined {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff\t]*)$/.exec(toText(line));
  return match === null ? undefined : { name: match[1] as string, value: match[2] as string };
}
