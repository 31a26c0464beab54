import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { encodeValue, parseAnnexUrl, requestUrl } from '../../../src/remotes/http/annex-url.js';

const uuid = '262c3b54-7fc1-4f33-8001-eb8317f938bb' as Uuid;
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => String.fromCharCode(...array) as ByteString);

describe('parseAnnexUrl', () => {
  // What git-annex asked for when given these urls.
  test.each([
    ['annex+http://127.0.0.1:9418/git-annex/', 'http://127.0.0.1:9418', ''],
    ['annex+http://127.0.0.1:9418/git-annex', 'http://127.0.0.1:9418', ''],
    ['annex+http://127.0.0.1:9418', 'http://127.0.0.1:9418', ''],
    ['annex+http://127.0.0.1:9418/foo/', 'http://127.0.0.1:9418', '/foo'],
    ['annex+http://127.0.0.1:9418/foo/git-annex/', 'http://127.0.0.1:9418', '/foo/git-annex'],
    ['annex+http://127.0.0.1:9418/fo%20o', 'http://127.0.0.1:9418', '/fo%20o'],
    ['annex+http://127.0.0.1:9418/foo?x=y', 'http://127.0.0.1:9418', '/foo'],
    ['annex+https://example.com/git-annex/', 'https://example.com:9417', ''],
    ['annex+http://u:p@127.0.0.1:9418/git-annex/', 'http://127.0.0.1:9418', ''],
    ['annex+http://[::1]:80/', 'http://[::1]', ''],
  ])('%s', (url, origin, base) => {
    expect(parseAnnexUrl(url)).toMatchObject({ origin, base, uuid: undefined });
  });

  test('finds the repository and the user', () => {
    expect(parseAnnexUrl(`annex+https://a@b:c@host/git-annex/${uuid}/`)).toEqual({
      origin: 'https://host:9417',
      base: '',
      userInfo: 'a@b:c@',
      uuid,
    });
  });

  test.each([
    'http://example.com/',
    'annex+ftp://host/',
    'annex+http:///x',
    'annex+http://a b/',
    'annex+http://h:99999/',
    '',
  ])('refuses %j', (url) => expect(parseAnnexUrl(url)).toBeUndefined());

  test('takes any bytes', () => {
    fc.assert(
      fc.property(bytes, (text) => {
        const server = parseAnnexUrl(`annex+http://host/${text}`);
        if (server === undefined) return;
        const url = new URL(requestUrl(server, { uuid, version: 4, parameters: [] }, 'put'));
        expect(url.host).toBe('host:9417');
        expect(url.pathname.endsWith(`/git-annex/${uuid}/v4/put`)).toBe(true);
      }),
    );
  });
});

describe('encodeValue', () => {
  test.each([
    ['foo', 'foo'],
    ['n\xc3\xa4me [x].txt', 'n\xc3\xa4me [x].txt'],
    ['b\xff', '[Yv8=]'],
    ['[foo]', '[W2Zvb10=]'],
    ['', ''],
  ])('%j', (value, encoded) => expect(encodeValue(value as ByteString)).toBe(encoded));

  test('can be read back, whatever the bytes', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const encoded = encodeValue(value);
        const wrapped = /^\[(.*)\]$/s.exec(encoded);
        expect(
          wrapped === null ? encoded : Buffer.from(wrapped[1] as string, 'base64url').toString('latin1'),
        ).toBe(value);
      }),
    );
  });
});

describe('requestUrl', () => {
  const server = parseAnnexUrl('annex+http://h/');
  if (server === undefined) throw new Error('no url');

  test('is what git-annex sends', () => {
    expect(
      requestUrl(
        server,
        {
          uuid,
          version: 4,
          parameters: [
            ['key', 'K--a' as ByteString],
            ['associatedfile', 'n\xc3\xa4me [x].txt' as ByteString],
            ['offset', 0],
            ['none', undefined],
          ],
        },
        'put',
      ),
    ).toBe(`http://h:9417/git-annex/${uuid}/v4/put?key=K--a&associatedfile=n%C3%A4me%20%5Bx%5D.txt&offset=0`);
  });

  test('keeps a key one part of the path', () => {
    fc.assert(
      fc.property(bytes, (key) => {
        const url = requestUrl(server, { uuid, version: 4, parameters: [['f', key]] }, { key });
        const { pathname, search } = new URL(url);
        expect(pathname.split('/')).toHaveLength(6);
        expect(pathname.startsWith(`/git-annex/${uuid}/v4/key/`)).toBe(true);
        expect(search.split('&')).toHaveLength(1);
        expect(url).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
    expect(requestUrl(server, { uuid, version: 0, parameters: [] }, { key: '..' as ByteString })).toContain(
      '/key/%5BLi4%3D%5D',
    );
  });
});
