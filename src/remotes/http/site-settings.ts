import { readdirSync, readFileSync } from 'node:fs';
import { type ConnectionOptions, rootCertificates } from 'node:tls';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import type { Settings } from '../../repository/settings/settings.js';
import type { AddressRules } from './address-rules.js';
import { chooseProxy, type HttpProxy } from './proxies.js';
import { createUrlSettings, matchingPatterns, type UrlSettings } from './url-settings.js';
import { isReachable } from './guarded-lookup.js';
import { headerOf } from './web-requests.js';

/** What the user's settings say about requests to one server. */
export interface SiteSettings {
  readonly tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>;
  /** Sent with each request. */
  readonly headers: { readonly [name: string]: string };
  readonly proxy: HttpProxy | undefined;
}

export interface SiteSettingsOptions {
  readonly settings: Pick<Settings, 'get' | 'getAll' | 'subsections'>;
  readonly rules: AddressRules;
  /** Of the remote. */
  readonly name: ByteString | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/** What settings say about urls. */
export interface Sites {
  /** Urls of one server with the same text here share their settings, and may share connections. */
  groupOf(url: URL): string;
  settingsOf(url: URL): Promise<SiteSettings>;
}

export function createSites(options: SiteSettingsOptions): Sites {
  const patterns = options.settings.subsections('http');
  return {
    groupOf: (url) => matchingPatterns(patterns, url).join(' '),
    settingsOf: (url) => readSiteSettings(url, options),
  };
}

/**
 * Reads git's settings for http (git-config(1)): `http.proxy`, `sslVerify`, `sslCAInfo`, `sslCAPath`, `sslCert`, `sslKey`,
 * `extraHeader`, all of them also as `http.<url>.*`; `remote.<name>.proxy`; and the variables of the environment that git and
 * curl know. A proxy on an address that may not be connected to is not used, as with git-annex.
 */
async function readSiteSettings(url: URL, options: SiteSettingsOptions): Promise<SiteSettings> {
  const { settings, rules, name, environment } = options;
  const http = createUrlSettings(settings, url);
  const own = name === undefined ? undefined : settings.get(`remote.${name}.proxy`);
  const proxy = chooseProxy(url, own ?? http.get('proxy'), environment);
  return {
    tls: url.protocol === 'https:' ? tlsOf(http, environment) : {},
    headers: headersOf(http),
    proxy: proxy !== undefined && (await isReachable(rules, proxy)) ? proxy : undefined,
  };
}

function headersOf(http: UrlSettings): SiteSettings['headers'] {
  let headers: { [name: string]: string } = {};
  for (const line of http.getAll('extraheader')) {
    const header = headerOf(line);
    // An empty one takes back those before it.
    if (line === '') headers = {};
    else if (header !== undefined) headers[header.name] = header.value;
  }
  return headers;
}

function tlsOf(http: UrlSettings, environment: NodeJS.ProcessEnv): SiteSettings['tls'] {
  const file = (variable: string, name: string): ByteString | undefined => {
    const value = environment[variable];
    return value === undefined || value === '' ? nonEmpty(http.get(name.toLowerCase())) : fromText(value);
  };
  const authorities = file('GIT_SSL_CAINFO', 'sslCAInfo');
  const folder = file('GIT_SSL_CAPATH', 'sslCAPath');
  const cert = file('GIT_SSL_CERT', 'sslCert');
  const key = file('GIT_SSL_KEY', 'sslKey') ?? cert;
  const ca = [
    ...(authorities === undefined ? [] : [read(authorities, 'sslCAInfo')]),
    ...(folder === undefined ? [] : readFolder(folder)),
  ];
  const verifies = http.bool('sslverify', true) && environment['GIT_SSL_NO_VERIFY'] === undefined;
  return {
    ...(ca.length === 0 ? {} : { ca: [...rootCertificates, ...ca] }),
    ...(cert === undefined || key === undefined
      ? {}
      : { cert: read(cert, 'sslCert'), key: read(key, 'sslKey') }),
    ...(verifies ? {} : { rejectUnauthorized: false }),
  };
}

function nonEmpty(value: ByteString | undefined): ByteString | undefined {
  return value === '' ? undefined : value;
}

function read(file: ByteString, setting: string): string {
  try {
    return readFileSync(toPath(file), 'utf8');
  } catch (error) {
    throw new AnnexError('invalid-setting', `http.${setting}: cannot read ${toText(file)}`, { cause: error });
  }
}

function readFolder(folder: ByteString): string[] {
  try {
    return readdirSync(toPath(folder), { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => readFileSync(`${toText(folder)}/${entry.name}`, 'utf8'))
      .filter((text) => text.includes('-----BEGIN CERTIFICATE-----'));
  } catch (error) {
    throw new AnnexError('invalid-setting', `http.sslCAPath: cannot read ${toText(folder)}`, {
      cause: error,
    });
  }
}
