import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';

/** Where an ssh url leads. */
export interface SshAddress {
  /** Without the brackets of an IPv6 address. */
  readonly host: ByteString;
  readonly user: ByteString | undefined;
  readonly port: number | undefined;
  /** As `git-annex-shell` takes it: absolute; `/~/x` and `/~user/x` count from a home. */
  readonly path: ByteString;
}

/**
 * Reads `ssh://user@host:port/path` and scp's `user@host:path`, as git does. A relative path of the short form counts from
 * the home of the user there.
 * @throws `remote-unavailable` for what is neither, and for what ssh could take for an option
 */
export function parseSshAddress(url: ByteString): SshAddress {
  const address = url.includes('://') ? longForm(url) : shortForm(url);
  if (address === undefined || address.host === '') throw refused(url, 'is not an ssh url');
  for (const part of [address.host, address.user ?? '']) {
    if (part.startsWith('-'))
      throw refused(url, "has a host name that starts with '-', which ssh would take for an option");
    // A proxy command of the user's config may hand them to a shell; no host or user has them.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among them
    if (/[\x00-\x20\x7f'"`$\\;&<>|(){}]/.test(part)) throw refused(url, 'has a strange host or user name');
  }
  if (address.path.includes('\0')) throw refused(url, 'has a path with a NUL byte');
  return address;
}

/** `user@host`, for ssh's command line. */
export function sshDestination({ user, host }: SshAddress): ByteString {
  return (user === undefined ? host : `${user}@${host}`) as ByteString;
}

function longForm(url: ByteString): SshAddress | undefined {
  const parts = /^[a-z0-9+.-]+:\/\/(?:([^/@]*)@)?(\[[^\]/]*\]|[^/:]*)(?::([0-9]*))?(\/.*)?$/is.exec(url);
  if (parts === null) return undefined;
  const [, user, host = '', digits = '', path = '/'] = parts;
  const port = digits === '' ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65535)) return undefined;
  return {
    // What follows a colon would be a password, which ssh does not take.
    user: user === undefined || user === '' ? undefined : unescaped(user.replace(/:.*$/s, '')),
    host: withoutBrackets(host),
    port,
    path: unescaped(path),
  };
}

function shortForm(url: ByteString): SshAddress | undefined {
  const parts = /^(?:([^/@[]*)@)?(\[[^\]]*\]|[^/:]*):(.*)$/s.exec(url);
  if (parts === null) return undefined;
  const [, user, host = '', path = ''] = parts;
  // `[host:port]:path`, which git takes too.
  const ported = /^\[([^:\]]*):([0-9]{1,5})\]$/.exec(host);
  return {
    user: user === undefined || user === '' ? undefined : (user as ByteString),
    host: ported === null ? withoutBrackets(host) : (ported[1] as ByteString),
    port: ported === null ? undefined : Number(ported[2]),
    path: (path.startsWith('/') ? path : path.startsWith('~') ? `/${path}` : `/~/${path}`) as ByteString,
  };
}

function withoutBrackets(host: string): ByteString {
  return host.replace(/^\[(.*)\]$/s, '$1') as ByteString;
}

/** Percent-decoding of bytes; a stray `%` stands for itself. */
function unescaped(text: string): ByteString {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  ) as ByteString;
}

function refused(url: ByteString, why: string): AnnexError {
  const shown = toText(url.replace(/^([a-z0-9+.-]+:\/\/[^/@:]*):[^/@]*@/i, '$1@') as ByteString);
  return new AnnexError('remote-unavailable', `${JSON.stringify(shown)} ${why}`);
}
