import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { type Endpoint, findRoute } from './find-route.js';
import { HttpRefusal } from './refusal.js';
import {
  BadValue,
  toClientUuid,
  toFlag,
  toKey,
  toServerUuid,
  toTimestamp,
  toWhole,
  unwrap,
} from './values.js';

/** What a request asks for, all its values being what they should be. */
export type HttpRequest = {
  /** The repository. */
  readonly server: Uuid;
  /** Version of the protocol; undefined for the plain URL of a key. */
  readonly version: number | undefined;
  /** Undefined where it may be left out, and is. */
  readonly client: Uuid | undefined;
  /** Gateways that a cluster is not to be reached through. */
  readonly bypass: readonly Uuid[];
} & Ask;

export type Ask =
  | { readonly ask: 'get'; readonly key: Key; readonly file: ByteString; readonly offset: number }
  | { readonly ask: 'checkpresent' | 'lockcontent' | 'remove' | 'putoffset'; readonly key: Key }
  | { readonly ask: 'remove-before'; readonly key: Key; readonly before: number }
  | { readonly ask: 'keeplocked'; readonly lockId: ByteString }
  | { readonly ask: 'gettimestamp' }
  | {
      readonly ask: 'put';
      readonly key: Key;
      readonly file: ByteString;
      /** Bytes left out of the content's start. */
      readonly offset: number;
      /** Bytes that the body is to have. */
      readonly length: number;
      /** The content came in another way; the body is empty. */
      readonly dataPresent: boolean;
    };

export interface RawRequest {
  readonly method: string;
  /** The request's target as it came. */
  readonly target: string;
  /** `X-git-annex-data-length`. */
  readonly dataLength: string | undefined;
}

/**
 * Reads a request of the API (design/p2p_protocol_over_http). Throws `HttpRefusal` with git-annex's own sentences; where its
 * page asks for another status than it gives (404 for an unknown version), the page is followed.
 */
export function parseRequest({ method, target, dataLength }: RawRequest): HttpRequest {
  const { endpoint, server, version, lastSegment, query, ...route } = findRoute(method, target);
  const read = reader(query);
  const bypass = (version ?? 0) < 2 ? [] : route.bypass.map((value) => parsed(value, 'bypass', toServerUuid));
  const base = { server, version, bypass };
  // The plain URL of a key is for other programs: what is said about the client does not matter.
  if (endpoint === 'get' && version === undefined) {
    return { ...base, client: undefined, ask: 'get', key: keyOfPath(lastSegment), file: none, offset: 0 };
  }
  const ask = readAsk(endpoint, read, { version: version ?? 0, lastSegment, dataLength });
  const client = (endpoint === 'get' ? optional : required)(read, 'clientuuid', toClientUuid);
  return { ...base, client, ...ask };
}

const none = '' as ByteString;

interface Elsewhere {
  readonly version: number;
  readonly lastSegment: ByteString;
  readonly dataLength: string | undefined;
}

function readAsk(endpoint: Endpoint, read: Reader, { version, lastSegment, dataLength }: Elsewhere): Ask {
  const file = () => optional(read, 'associatedfile', unwrap) ?? none;
  const offset = () => optional(read, 'offset', (value) => toWhole(value, 'offset')) ?? 0;
  const key = () => required(read, 'key', toKey);
  switch (endpoint) {
    case 'get':
      return { ask: 'get', key: keyOfPath(lastSegment), file: file(), offset: offset() };
    case 'keeplocked':
      return { ask: 'keeplocked', lockId: required(read, 'lockid', (value) => value) };
    case 'gettimestamp':
      return { ask: 'gettimestamp' };
    case 'remove-before':
      return { ask: 'remove-before', key: key(), before: required(read, 'timestamp', toTimestamp) };
    case 'put': {
      const asked = { key: key(), file: file(), offset: offset() };
      const present = optional(read, 'data-present', toFlag) ?? false;
      return { ask: 'put', ...asked, dataPresent: present && version >= 4, length: lengthOf(dataLength) };
    }
    default:
      return { ask: endpoint, key: key() };
  }
}

/** The first value of a parameter; undefined when there is none, `null` when it has no value at all. */
type Reader = (name: string) => ByteString | null | undefined;

function reader(query: ReadonlyMap<string, ByteString | null>): Reader {
  return (name) => query.get(name);
}

function required<T>(read: Reader, name: string, parse: (value: ByteString) => T): T {
  const value = read(name);
  if (value === undefined || value === null)
    throw new HttpRefusal(400, `Query parameter ${name} is required`);
  return parsed(value, name, parse);
}

function optional<T>(read: Reader, name: string, parse: (value: ByteString) => T): T | undefined {
  const value = read(name);
  return value === undefined ? undefined : parsed(value ?? none, name, parse);
}

function parsed<T>(value: ByteString, name: string, parse: (value: ByteString) => T): T {
  return orRefuse(() => parse(value), `Error parsing query parameter ${name} failed: `);
}

function keyOfPath(segment: ByteString): Key {
  return orRefuse(() => toKey(segment), '');
}

function lengthOf(header: string | undefined): number {
  const name = 'X-git-annex-data-length';
  if (header === undefined) throw new HttpRefusal(400, `Header ${name} is required`);
  return orRefuse(() => toWhole(header as ByteString, name), `Error parsing header ${name} failed: `);
}

function orRefuse<T>(parse: () => T, before: string): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof BadValue) throw new HttpRefusal(400, before + error.message);
    throw error;
  }
}
