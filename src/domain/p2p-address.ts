import { type ByteString, toText } from '../lib/bytes.js';

/** Where a repository is on a P2P network that a program of its own connects to: `p2p-annex::NET:ADDRESS`. */
export interface P2pAddress {
  /** The network: a word that is part of the name of the program. */
  readonly net: ByteString;
  /** What the network calls the peer. */
  readonly address: ByteString;
}

/** Bytes of an address: it is an argument of a program, and some networks' are long. */
const LONGEST = 4096;

/**
 * Reads the url of a remote (git-annex's design/generic_p2p_transport). The page of git-remote-p2p-annex writes `+` in place of
 * the second colon, which is taken as well. Undefined for another url, and for what could mislead the program: an address that
 * looks like an option or holds control characters.
 */
export function parseP2pUrl(url: ByteString): P2pAddress | undefined {
  return url.startsWith(P2P_SCHEME) ? parseP2pAddress(url.slice(P2P_SCHEME.length) as ByteString) : undefined;
}

/** The same for `NET:ADDRESS`, which is what git gives to a remote helper. */
export function parseP2pAddress(text: ByteString): P2pAddress | undefined {
  const [, net, address] = /^([A-Za-z0-9][\w.-]{0,63})[:+](.+)$/s.exec(text) ?? [];
  if (net === undefined || address === undefined || address.length > LONGEST) return undefined;
  if (/^-|\p{Cc}/u.test(toText(address as ByteString))) return undefined;
  return { net: net as ByteString, address: address as ByteString };
}

export const P2P_SCHEME = 'p2p-annex::';

/** The program that connects to a network, as the user installs it. */
export function p2pProgram({ net }: P2pAddress): string {
  return `git-annex-p2p-${net}`;
}

/** Longest name of a file. */
const LONGEST_NAME = 255;

/**
 * The names that a file with the token for a peer may have, the best first. git-annex's pages only say that the name matches the
 * address; what cannot be in the name of a file is spelled as in the names of keys' files.
 */
export function tokenFileNames({ net, address }: P2pAddress): string[] {
  return [address, `${net}:${address}`, `${net}+${address}`]
    .map((text) => text.replace(/[/%&]/g, (char) => ({ '/': '%', '%': '&s' })[char] ?? '&a'))
    .filter((name) => name.length <= LONGEST_NAME && !RESERVED.has(name));
}

/** No files, and the tokens that this repository gives to others. */
const RESERVED = new Set(['.', '..', 'p2pauth']);
