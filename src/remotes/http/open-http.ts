import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Settings } from '../../repository/settings/settings.js';
import { createAddressRules } from './address-rules.js';
import { createHttpClient, type HttpClient } from './http-client.js';
import { createSites } from './site-settings.js';

const USER_AGENT = 'git-annex-ts';

/** Requests to one server at the same time. */
export const USUAL_REQUESTS = 6;
export const MOST_REQUESTS = 32;

/**
 * A client as the settings want it: `annex.security.allowed-ip-addresses`, what git's settings say about http (see
 * `createSites`), and `http.lowSpeedTime`, the seconds that a server may be silent.
 * @param name the remote's
 */
export function openHttpClient(settings: Settings, name?: ByteString): HttpClient {
  const seconds = settings.int('http.lowspeedtime', 0);
  const rules = createAddressRules(settings);
  return createHttpClient({
    rules,
    patience: seconds > 0 ? seconds * 1000 : undefined,
    sites: createSites({ settings, rules, name, environment: process.env }),
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
