import type { ByteString } from '../../lib/bytes.js';
import { toBuffer } from '../../lib/buffers.js';
import type { Uuid } from '../../domain/uuid.js';

/** A server of the P2P protocol over HTTP, as an `annex+http` or `annex+https` url names it. */
export interface AnnexUrl {
  /** `http://HOST:PORT`, without user info. */
  readonly origin: string;
  /** What comes before `/git-annex/UUID` in every path, percent-encoded; usually nothing. */
  readonly base: string;
  /** The url's user name and password, `USER:PASSWORD@`, as written; usually nothing. */
  readonly userInfo: string;
  /** The repository, where the url goes on with it. */
  readonly uuid: Uuid | undefined;
}

/** Where `git annex p2phttp` listens unless told otherwise. */
const DEFAULT_PORT = 9417;

/**
 * Reads a url like `annex+https://example.com/git-annex/`; undefined when it is none. The path's own `/git-annex` is a part
 * of the protocol and may be left out; a longer path is where a reverse proxy serves it.
 */
export function parseAnnexUrl(url: ByteString | string): AnnexUrl | undefined {
  const match = /^annex\+(https?):\/\/([^/?#]*)([^?#]*)/i.exec(url);
  if (match === null) return undefined;
  const scheme = (match[1] as string).toLowerCase();
  const authority = match[2] as string;
  const at = authority.lastIndexOf('@') + 1;
  const host = authority.slice(at);
  const parsed = tryParse(`${scheme}://${/:\d+$/.test(host) ? host : `${host}:${DEFAULT_PORT}`}`);
  if (parsed === undefined || parsed.hostname === '') return undefined;
  const path = (match[3] as string).replace(/\/+$/, '');
  const whole = /^\/git-annex(?:\/([^/]+))?$/.exec(path);
  return {
    origin: parsed.origin,
    base: whole === null ? encodePath(path as ByteString) : '',
    userInfo: authority.slice(0, at),
    uuid: whole?.[1] as Uuid | undefined,
  };
}

function tryParse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

/** What can be asked of a server, as the last part of the path. */
export type Endpoint =
  | 'checkpresent'
  | 'lockcontent'
  | 'keeplocked'
  | 'remove'
  | 'remove-before'
  | 'gettimestamp'
  | 'put'
  | 'putoffset';

/** Query parameters, in the order they are sent. Undefined ones are left out. */
export type Parameters = readonly (readonly [name: string, value: ByteString | number | undefined])[];

export interface AnnexRequest {
  readonly uuid: Uuid;
  readonly version: number;
  readonly parameters: Parameters;
}

/** The url of a request (design/p2p_protocol_over_http); `key`: of its content. */
export function requestUrl(
  server: AnnexUrl,
  request: AnnexRequest,
  target: Endpoint | { readonly key: ByteString },
): string {
  const { uuid, version, parameters } = request;
  const last = typeof target === 'string' ? target : `key/${pathPart(target.key)}`;
  const query = parameters.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${escapeBytes(encodeValue(String(value) as ByteString))}`],
  );
  return `${server.origin}${server.base}/git-annex/${pathPart(uuid)}/v${version}/${last}?${query.join('&')}`;
}

/**
 * A key, uuid or file name as the protocol carries it: as it is when it is UTF-8, else base64url in square brackets; what
 * stands in square brackets itself is wrapped too.
 */
export function encodeValue(value: ByteString): ByteString {
  const plain = isUtf8(value) && !(value.startsWith('[') && value.endsWith(']'));
  return plain ? value : (`[${toBuffer(value).toString('base64url')}${padding(value.length)}]` as ByteString);
}

function padding(length: number): string {
  return '='.repeat((3 - (length % 3)) % 3);
}

/** `.` and `..` would be resolved away as parts of a path, however they are escaped. */
function pathPart(value: ByteString): string {
  const encoded = value === '.' || value === '..' ? (`[${btoa(value)}]` as ByteString) : encodeValue(value);
  return escapeBytes(encoded);
}

function isUtf8(value: ByteString): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(toBuffer(value));
    return true;
  } catch {
    return false;
  }
}

function escapeBytes(value: ByteString): string {
  return value.replace(/[^A-Za-z0-9._~-]/g, escapeByte);
}

/** A path for a url: what is percent-encoded already stays so. */
export function encodePath(path: ByteString): string {
  return path.replace(/[^A-Za-z0-9._~/%!$&'()*+,;=:@-]/g, escapeByte);
}

function escapeByte(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
