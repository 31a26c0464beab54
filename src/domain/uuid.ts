import type { ByteString } from '../lib/bytes.js';

declare const uuidBrand: unique symbol;

/**
 * The identifier of a repository, remote or cluster: any bytes without white space, usually an RFC 4122 uuid.
 * Compared byte by byte.
 */
export type Uuid = ByteString & { readonly [uuidBrand]: true };

/** A uuid read from a log or config; undefined when it is empty or holds white space or control characters. */
export function parseUuid(text: string): Uuid | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  return text !== '' && !/[\x00-\x20\x7f]/.test(text) ? (text as Uuid) : undefined;
}

/** Clusters have a version 8 uuid whose first byte is `ac`. A cluster is never a copy and never in a location log. */
export function isClusterUuid(uuid: Uuid): boolean {
  return /^ac[0-9a-f]{6}-[0-9a-f]{4}-8[0-9a-f]{3}-/.test(uuid);
}

/** A new cluster's uuid from 16 random bytes. */
export function clusterUuid(random: Uint8Array): Uuid {
  const bytes = Uint8Array.from(random);
  bytes[0] = 0xac;
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5') as Uuid;
}
