import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import { parseKey } from '../../../src/domain/key.js';
import { contentChecks, verifyFile } from '../../../src/repository/objects/content-check.js';
import { hashFile } from '../../../src/repository/objects/hash-file.js';
import { type HashFunction, hashFunction } from '../../../src/repository/objects/hashers.js';
import { bytes, run } from '../../support/annex-repository.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hashers-'));
  run('git', ['init', '-q'], directory);
  run('git', ['annex', 'init', '-q'], directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const backends = [
  ...['MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512', 'SHA3_224', 'SHA3_256', 'SHA3_384', 'SHA3_512'],
  ...[
    'BLAKE2B160',
    'BLAKE2B224',
    'BLAKE2B256',
    'BLAKE2B384',
    'BLAKE2B512',
    'BLAKE2S160',
    'BLAKE2S224',
    'BLAKE2S256',
  ],
];

test.each(backends)('%s gives the keys that git-annex gives', async (backend) => {
  const file = join(directory, 'a.txt');
  writeFileSync(file, 'some content\n');
  const key = run('git', ['annex', 'calckey', `--backend=${backend}E`, file], directory);
  const algorithm = (await hashFunction(`${backend}E`)) as HashFunction;
  expect(`${backend}E-s13--${algorithm.hash(Buffer.from('some content\n'))}.txt`).toBe(key);
  expect(await verifyFile(key as Key, bytes(file))).toBe(true);
  writeFileSync(file, 'same content\n');
  expect(await verifyFile(key as Key, bytes(file))).toBe(false);
});

/** Digests of "abc" from the BLAKE3 and xxHash projects' own test vectors and tools. */
test.each([
  ['BLAKE3', '', 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
  ['BLAKE3', 'abc', '6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85'],
  ['XXH3', '', '2d06800538d394c2'],
  ['XXH3', 'abc', '78af5f94892f3950'],
])('%s of %j', async (backend, content, digest) => {
  const algorithm = (await hashFunction(backend)) as HashFunction;
  expect(algorithm.hash(Buffer.from(content))).toBe(digest);
});

test.each(['SHA256', 'BLAKE2B160', 'BLAKE3', 'XXH3'])(
  '%s: hashers in turns, in any pieces, agree with one call',
  async (backend) => {
    const algorithm = (await hashFunction(backend)) as HashFunction;
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        fc.uint8Array({ maxLength: 600 }),
        fc.nat(600),
        (one, two, cut) => {
          const [a, b] = [algorithm.start(), algorithm.start()];
          a.update(one.subarray(0, cut));
          b.update(two.subarray(0, cut));
          a.update(one.subarray(cut));
          b.update(two.subarray(cut));
          expect([a.digest(), b.digest()]).toEqual([algorithm.hash(one), algorithm.hash(two)]);
        },
      ),
    );
  },
);

test.each([0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (4 << 20) + 7])(
  'a file of %i bytes hashes to what sha256sum says',
  async (size) => {
    const file = join(directory, 'sized');
    writeFileSync(file, Buffer.alloc(size, 'xyz'));
    const seen: number[] = [];
    const hashed = await hashFile(bytes(file), (await hashFunction('SHA256')) as HashFunction, {
      onBytes: (n) => seen.push(n),
    });
    expect(hashed).toEqual({ digest: run('sha256sum', [file], directory).slice(0, 64), size });
    expect(seen.at(-1)).toBe(size === 0 ? 0 : size);
  },
);

test('a check of passing content knows size and hash, and what a key cannot tell', async () => {
  const see = async (key: string, content: string) => {
    const check = (await contentChecks(parseKey(key) as Key))();
    check.update(Buffer.from(content));
    return check.matches();
  };
  expect(await see('MD5E-s3--900150983cd24fb0d6963f7d28e17f72.tar.gz', 'abc')).toBe(true);
  expect(await see('MD5--900150983cd24fb0d6963f7d28e17f72', 'abc')).toBe(true);
  expect(await see('MD5-s4--900150983cd24fb0d6963f7d28e17f72', 'abc')).toBe(false);
  expect(await see('WORM-s3-m1--x', 'abc')).toBeUndefined();
  expect(await see('WORM-s4-m1--x', 'abc')).toBe(false);
  expect(await see('SKEIN256-s3--00', 'abc')).toBeUndefined();
  expect(await see('URL--http://x', 'abc')).toBeUndefined();
});

test('an aborted hash stops', async () => {
  const file = join(directory, 'large');
  writeFileSync(file, Buffer.alloc(3 << 20));
  const algorithm = (await hashFunction('SHA256')) as HashFunction;
  await expect(hashFile(bytes(file), algorithm, { signal: AbortSignal.abort() })).rejects.toThrow();
});
