import type { ByteString } from '../lib/bytes.js';

/** The hash of a backend, without its size. `BLAKE2BP`, `BLAKE2SP` are the parallel variants. */
export type HashFamily =
  | 'SHA1'
  | 'SHA2'
  | 'SHA3'
  | 'SKEIN'
  | 'BLAKE2B'
  | 'BLAKE2BP'
  | 'BLAKE2S'
  | 'BLAKE2SP'
  | 'MD5';

/** What a backend's name says. */
export type Backend =
  | {
      readonly type: 'hash';
      readonly name: ByteString;
      readonly family: HashFamily;
      /** Bits of the digest. */
      readonly bits: number;
      /** Whether keys keep the file's extension (`...E`). */
      readonly extension: boolean;
      /** Whether finding other content with the same key is infeasible: all but SHA1 and MD5. */
      readonly secure: boolean;
    }
  | { readonly type: 'worm'; readonly name: ByteString }
  | { readonly type: 'url'; readonly name: ByteString }
  | { readonly type: 'vurl'; readonly name: ByteString }
  /** Keys of git-remote-annex; `GITBUNDLE` holds a hash of its content, `GITMANIFEST` does not. */
  | { readonly type: 'git-bundle' | 'git-manifest'; readonly name: ByteString }
  /** `X...`: a program named `git-annex-backend-X...`. */
  | { readonly type: 'external'; readonly name: ByteString; readonly extension: boolean }
  | { readonly type: 'unknown'; readonly name: ByteString };

/** The backend git-annex adds with unless told otherwise. */
export const defaultBackend = 'SHA256E' as ByteString;

const hashes: { readonly [name: string]: readonly [HashFamily, number] } = {
  ...sizes('SHA2', 'SHA', [224, 256, 384, 512]),
  ...sizes('SHA3', 'SHA3_', [224, 256, 384, 512]),
  ...sizes('SKEIN', 'SKEIN', [256, 512]),
  ...sizes('BLAKE2B', 'BLAKE2B', [160, 224, 256, 384, 512]),
  ...sizes('BLAKE2BP', 'BLAKE2BP', [512]),
  ...sizes('BLAKE2S', 'BLAKE2S', [160, 224, 256]),
  ...sizes('BLAKE2SP', 'BLAKE2SP', [224, 256]),
  SHA1: ['SHA1', 160],
  MD5: ['MD5', 128],
};

const others = new Map<string, 'worm' | 'url' | 'vurl' | 'git-bundle' | 'git-manifest'>([
  ['WORM', 'worm'],
  ['URL', 'url'],
  ['VURL', 'vurl'],
  ['GITBUNDLE', 'git-bundle'],
  ['GITMANIFEST', 'git-manifest'],
]);

/** What a backend's name stands for. Names are case sensitive. */
export function parseBackend(name: ByteString): Backend {
  const extension = name.endsWith('E');
  const base = extension ? name.slice(0, -1) : name;
  const hash = Object.hasOwn(hashes, base) ? hashes[base] : undefined;
  if (hash !== undefined) {
    const [family, bits] = hash;
    return { type: 'hash', name, family, bits, extension, secure: family !== 'SHA1' && family !== 'MD5' };
  }
  const other = others.get(name);
  if (other !== undefined) return { type: other, name };
  return /^X[A-Z0-9_]*$/.test(name) ? { type: 'external', name, extension } : { type: 'unknown', name };
}

/** Whether a key's backend uses a cryptographically secure hash (`--securehash`, `annex.securehashesonly`). */
export function isSecureBackend(name: ByteString): boolean {
  const backend = parseBackend(name);
  return backend.type === 'git-bundle' || (backend.type === 'hash' && backend.secure);
}

/** The digest part of a hash key's name: what comes before the extension. */
export function keyDigest(name: ByteString): ByteString {
  const dot = name.indexOf('.');
  return (dot === -1 ? name : name.slice(0, dot)) as ByteString;
}

function sizes(
  family: HashFamily,
  prefix: string,
  bits: readonly number[],
): { [name: string]: readonly [HashFamily, number] } {
  return Object.fromEntries(bits.map((size) => [`${prefix}${size}`, [family, size] as const]));
}
