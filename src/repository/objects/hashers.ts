import { createHash, hash as hashAtOnce } from 'node:crypto';
import type { ByteString } from '../../lib/bytes.js';

/** One hash in the making. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Lower case hex; ends the hasher. */
  digest(): ByteString;
}

/** A hash function: makes hashers, and hashes small content in one call. */
export interface HashFunction {
  start(): Hasher;
  /** Lower case hex. */
  hash(content: Uint8Array): ByteString;
}

/** Names of OpenSSL's hashes by git-annex backend without its E. */
const OPENSSL: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA1', 'sha1'],
  ['SHA224', 'sha224'],
  ['SHA256', 'sha256'],
  ['SHA384', 'sha384'],
  ['SHA512', 'sha512'],
  ['SHA3_224', 'sha3-224'],
  ['SHA3_256', 'sha3-256'],
  ['SHA3_384', 'sha3-384'],
  ['SHA3_512', 'sha3-512'],
  ['BLAKE2B512', 'blake2b512'],
  ['BLAKE2S256', 'blake2s256'],
]);

const loaded = new Map<string, Promise<HashFunction | undefined>>();

/**
 * The hash function of a backend (`SHA256E` and `SHA256` alike); undefined for a backend that hashes nothing (WORM, URL)
 * or that is not known here (SKEIN, the parallel BLAKE2 kinds, external ones).
 */
export function hashFunction(backend: string): Promise<HashFunction | undefined> {
  const name = backend.endsWith('E') ? backend.slice(0, -1) : backend;
  let found = loaded.get(name);
  if (found === undefined) {
    found = loadHashFunction(name);
    loaded.set(name, found);
  }
  return found;
}

async function loadHashFunction(name: string): Promise<HashFunction | undefined> {
  const openssl = OPENSSL.get(name);
  if (openssl !== undefined) return opensslFunction(openssl);
  const blake2 = /^BLAKE2([BS])(160|224|256|384)$/.exec(name);
  if (blake2 !== null) return blake2Function(blake2[1] as 'B' | 'S', Number(blake2[2]) / 8);
  if (name === 'BLAKE3') return blake3Function();
  if (name === 'XXH3') return xxh3Function();
  return undefined;
}

function opensslFunction(algorithm: string): HashFunction {
  return {
    hash: (content) => hashAtOnce(algorithm, content, 'hex') as ByteString,
    start() {
      const running = createHash(algorithm);
      return {
        update: (bytes) => void running.update(bytes),
        digest: () => running.digest('hex') as ByteString,
      };
    },
  };
}

interface StreamHash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array | string;
}

function streamFunction(create: () => StreamHash): HashFunction {
  const start = (): Hasher => {
    const running = create();
    return { update: (bytes) => void running.update(bytes), digest: () => hex(running.digest()) };
  };
  return {
    start,
    hash(content) {
      const hasher = start();
      hasher.update(content);
      return hasher.digest();
    },
  };
}

/** Digest lengths in bytes that OpenSSL does not offer. */
async function blake2Function(kind: 'B' | 'S', length: number): Promise<HashFunction | undefined> {
  if (kind === 'S' && length > 28) return undefined;
  const { blake2b, blake2s } = await import('@noble/hashes/blake2.js');
  const algorithm = kind === 'B' ? blake2b : blake2s;
  return streamFunction(() => algorithm.create({ dkLen: length }));
}

async function blake3Function(): Promise<HashFunction> {
  const { blake3 } = await import('@noble/hashes/blake3.js');
  return streamFunction(() => blake3.create({}));
}

async function xxh3Function(): Promise<HashFunction> {
  const { createXXHash3 } = await import('hash-wasm');
  // Only this waits for wasm, so that starting a hasher does not: hashers take turns on it by their saved state.
  const engine = await createXXHash3();
  return streamFunction(() => {
    let state = engine.init().save();
    return {
      update(bytes) {
        engine.load(state);
        engine.update(bytes);
        state = engine.save();
      },
      digest() {
        engine.load(state);
        return engine.digest('hex');
      },
    };
  });
}

function hex(digest: Uint8Array | string): ByteString {
  return (typeof digest === 'string' ? digest : Buffer.from(digest).toString('hex')) as ByteString;
}
