import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import type { Settings } from '../../repository/settings/settings.js';
import { createAddressRules } from './address-rules.js';
import { createHttpClient, type HttpClient } from './http-client.js';

const USER_AGENT = 'git-annex-ts';

/** Requests to one server at the same time. */
export const USUAL_REQUESTS = 6;
export const MOST_REQUESTS = 32;

/**
 * A client as the settings want it: `annex.security.allowed-ip-addresses`, git's `http.sslCAInfo` (or `GIT_SSL_CAINFO`), and
 * `http.lowSpeedTime`, the seconds that a server may be silent.
 */
export function openHttpClient(settings: Settings): HttpClient {
  const seconds = settings.int('http.lowspeedtime', 0);
  const authorities = settings.get('http.sslcainfo') ?? environmentFile();
  return createHttpClient({
    rules: createAddressRules(settings),
    patience: seconds > 0 ? seconds * 1000 : undefined,
    certificates: authorities === undefined ? undefined : [...rootCertificates, certificate(authorities)],
    userAgent: USER_AGENT,
  });
}

/**
 * Requests at the same time, where the user tells; else undefined.
 * @param jobs what `-J` or `annex.jobs` come to; 1: neither may have been given
 */
export function wantedRequests(settings: Settings, jobs: number): number | undefined {
  if (jobs > 1) return Math.min(jobs, MOST_REQUESTS);
  return settings.get('annex.jobs') === undefined ? undefined : 1;
}

/** Throws `permission` unless `annex.security.allowed-url-schemes` has the scheme (`http`). */
export function assertSchemeAllowed(settings: Settings, scheme: string): void {
  const allowed = settings.get('annex.security.allowed-url-schemes') ?? 'http https ftp';
  if (allowed.split(/[ \t]+/).includes(scheme)) return;
  throw new AnnexError(
    'permission',
    `Configuration of annex.security.allowed-url-schemes does not allow accessing ${scheme} urls`,
  );
}

function environmentFile(): ByteString | undefined {
  const file = process.env['GIT_SSL_CAINFO'];
  return file === undefined || file === '' ? undefined : fromText(file);
}

function certificate(file: ByteString): string {
  try {
    return readFileSync(toPath(file), 'utf8');
  } catch (error) {
    throw new AnnexError('invalid-setting', `http.sslCAInfo: cannot read ${toText(file)}`, { cause: error });
  }
}
