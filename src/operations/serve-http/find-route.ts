import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { HttpRefusal } from './refusal.js';
import { BadValue, decodePercent, toServerUuid } from './values.js';

export type Endpoint =
  | 'get'
  | 'checkpresent'
  | 'lockcontent'
  | 'keeplocked'
  | 'remove'
  | 'remove-before'
  | 'gettimestamp'
  | 'put'
  | 'putoffset';

/** What a request's method and target say. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly server: Uuid;
  /** Undefined for the plain URL of a key. */
  readonly version: number | undefined;
  /** The key, still to be read, of a GET. */
  readonly lastSegment: ByteString;
  /** The first value of each parameter; `null` for one without `=`. */
  readonly query: ReadonlyMap<string, ByteString | null>;
  /** Every value of the parameter `bypass`. */
  readonly bypass: readonly ByteString[];
}

/** The endpoints that are posted to, and the version of the protocol that brought each. */
const POSTED: Readonly<Record<string, number>> = {
  checkpresent: 0,
  lockcontent: 0,
  keeplocked: 0,
  remove: 0,
  put: 0,
  putoffset: 1,
  'remove-before': 3,
  gettimestamp: 3,
};

const NEWEST = 4;

/**
 * `/git-annex/UUID/key/KEY`, `/git-annex/UUID/vN/key/KEY` and `/git-annex/UUID/vN/ENDPOINT`, with or without a slash at the
 * end. Throws `HttpRefusal`: 404, 405, or 400 for an empty uuid.
 */
export function findRoute(method: string, target: string): Route {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const [path = '', ...queries] = local.split('#', 1)[0]?.split('?') ?? [];
  const segments = path.split('/').map((segment) => decodePercent(segment, false));
  if (segments.length > 2 && segments.at(-1) === '') segments.pop();
  const [before, root, uuid, ...rest] = segments;
  if (before !== '' || root !== 'git-annex' || uuid === undefined || rest.length < 2)
    throw new HttpRefusal(404);
  const server = serverOf(uuid);
  const { query, bypass } = parseQuery(queries.join('?'));
  const [first, second, third] = rest as [ByteString, ByteString, ByteString?];
  if (rest.length === 2 && first === 'key') {
    allow(method, ['GET', 'HEAD']);
    return { endpoint: 'get', server, version: undefined, lastSegment: second, query, bypass };
  }
  if (rest.length === 3 && second === 'key') {
    const version = versionOf(first, 0);
    allow(method, ['GET', 'HEAD']);
    const lastSegment = third as ByteString;
    return { endpoint: 'get', server, version, lastSegment, query, bypass };
  }
  if (rest.length !== 2 || !Object.hasOwn(POSTED, second)) throw new HttpRefusal(404);
  const version = versionOf(first, POSTED[second] as number);
  allow(method, ['POST']);
  return {
    endpoint: second as string as Endpoint,
    server,
    version,
    lastSegment: second,
    query,
    bypass,
  };
}

function allow(method: string, methods: readonly string[]): void {
  if (!methods.includes(method))
    throw new HttpRefusal(405, 'method not allowed', { Allow: methods.join(', ') });
}

function versionOf(segment: ByteString, oldest: number): number {
  const version = /^v\d$/.test(segment) ? Number(segment.slice(1)) : Number.NaN;
  if (!(version >= oldest && version <= NEWEST)) throw new HttpRefusal(404, 'bad version');
  return version;
}

function serverOf(segment: ByteString): Uuid {
  try {
    return toServerUuid(segment);
  } catch (error) {
    throw error instanceof BadValue ? new HttpRefusal(400, error.message) : error;
  }
}

/** Gateways of a cluster, by far. */
const MOST_PASSED_BY = 100;

function parseQuery(text: string): Pick<Route, 'query' | 'bypass'> {
  const query = new Map<string, ByteString | null>();
  const bypass: ByteString[] = [];
  for (const part of text.split('&')) {
    const equals = part.indexOf('=');
    const name = decodePercent(equals === -1 ? part : part.slice(0, equals), true);
    const value = equals === -1 ? null : decodePercent(part.slice(equals + 1), true);
    if (name === 'bypass' && bypass.length < MOST_PASSED_BY) bypass.push(value ?? ('' as ByteString));
    if (name !== '' && !query.has(name)) query.set(name, value);
  }
  return { query, bypass };
}
