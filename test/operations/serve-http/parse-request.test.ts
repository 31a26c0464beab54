import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../src/operations/serve-http/parse-request.js';
import { HttpRefusal } from '../../../src/operations/serve-http/refusal.js';

const U = '11111111-2222-4333-8444-555555555555';
const C = '99999999-2222-4333-8444-555555555555';
const KEY = 'SHA256E-s6--5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const at = (rest: string) => `/git-annex/${U}/${rest}`;

function ask(method: string, target: string, dataLength?: string) {
  return parseRequest({ method, target, dataLength });
}

function refusal(method: string, target: string, dataLength?: string) {
  try {
    return ask(method, target, dataLength);
  } catch (error) {
    if (!(error instanceof HttpRefusal)) throw error;
    return [error.refusal.status, error.refusal.text];
  }
}

describe('requests of the API', () => {
  it('reads what each asks for', () => {
    const base = { server: U, version: 4, client: C, bypass: [] };
    const post = (rest: string) => ask('POST', at(`v4/${rest}&clientuuid=${C}`), '5');
    expect(ask('GET', at(`key/${KEY}?offset=x`))).toEqual({
      server: U,
      version: undefined,
      client: undefined,
      bypass: [],
      ask: 'get',
      key: KEY,
      file: '',
      offset: 0,
    });
    expect(ask('HEAD', at(`v0/key/${KEY}/?clientuuid=${C}&offset=3&associatedfile=a+b%2Bc`))).toEqual({
      ...base,
      version: 0,
      ask: 'get',
      key: KEY,
      file: 'a b+c',
      offset: 3,
    });
    expect(post(`checkpresent?key=${KEY}`)).toEqual({ ...base, ask: 'checkpresent', key: KEY });
    const gateways = `bypass=${U}&bypass=[${Buffer.from(C).toString('base64')}]`;
    expect(post(`checkpresent?key=${KEY}&${gateways}`).bypass).toEqual([U, C]);
    expect(ask('GET', at(`v1/key/${KEY}?${gateways}`)).bypass).toEqual([]);
    expect(() => post(`checkpresent?key=${KEY}&bypass=`)).toThrow(
      'Error parsing query parameter bypass failed',
    );
    expect(post(`remove-before?timestamp=-1&key=${KEY}`)).toEqual({
      ...base,
      ask: 'remove-before',
      key: KEY,
      before: -1,
    });
    expect(post('keeplocked?lockid=foo')).toEqual({ ...base, ask: 'keeplocked', lockId: 'foo' });
    expect(post('gettimestamp?bypass=x&bypass=y')).toMatchObject({ ask: 'gettimestamp', bypass: ['x', 'y'] });
    const put = { ...base, ask: 'put', key: KEY, file: '[foo]', offset: 2, length: 5, dataPresent: true };
    expect(post(`put?key=${KEY}&associatedfile=[W2Zvb10=]&offset=2&data-present=true`)).toEqual(put);
  });

  it('knows data-present from version 4 on only', () => {
    expect(ask('POST', at(`v3/put?key=${KEY}&data-present=true&clientuuid=${C}`), '0')).toMatchObject({
      dataPresent: false,
    });
  });

  it('takes keys, uuids and names in base64, and a server in the target', () => {
    const odd = 'WORM-s1--\xff\xfe?/x';
    for (const encoding of ['base64', 'base64url'] as const) {
      const wrapped = (text: string) =>
        `[${Buffer.from(text, 'latin1').toString(encoding).replaceAll('/', '_')}]`;
      const target = `http://example.com/git-annex/${wrapped(U)}/key/${wrapped(odd)}`;
      expect(ask('GET', target)).toMatchObject({ server: U, key: odd });
    }
  });

  it.each([
    ['GET', '/', 404, ''],
    ['GET', '/git-annex', 404, ''],
    ['GET', at(''), 404, ''],
    ['GET', at('key'), 404, ''],
    ['GET', at('key/'), 404, ''],
    ['GET', at('key/nonsense'), 400, 'key parse error'],
    ['GET', at('key/../../../etc/passwd'), 404, ''],
    ['GET', at('key/..%2F..%2Fetc'), 400, 'key parse error'],
    ['GET', at('key/WORM-s1--a%00b'), 400, 'key parse error'],
    ['GET', at('key/WORM-s1--a%0Ab'), 400, 'key parse error'],
    ['GET', `/git-annex//${U}/key/${KEY}`, 400, 'empty UUID'],
    ['GET', at(`v5/key/${KEY}?clientuuid=${C}`), 404, 'bad version'],
    ['POST', at(`v4/checkpresent?key=${KEY}`), 400, 'Query parameter clientuuid is required'],
    ['POST', at(`v4/key/${KEY}`), 405, 'method not allowed'],
    ['GET', at(`v4/checkpresent?key=${KEY}`), 405, 'method not allowed'],
    ['POST', at(`v04/checkpresent?key=${KEY}`), 404, 'bad version'],
    ['POST', at(`v2/gettimestamp?clientuuid=${C}`), 404, 'bad version'],
    ['POST', at(`v0/putoffset?clientuuid=${C}`), 404, 'bad version'],
    ['POST', at('v4/constructor'), 404, ''],
    ['POST', at('v4/checkpresent'), 400, 'Query parameter key is required'],
    ['POST', at('v4/checkpresent?key&x'), 400, 'Query parameter key is required'],
    ['POST', at('v4/checkpresent?key='), 400, 'Error parsing query parameter key failed: key parse error'],
    [
      'POST',
      at('v4/checkpresent?key=[!!!]'),
      400,
      'Error parsing query parameter key failed: unable to base64 decode [] wrapped value',
    ],
    [
      'POST',
      at(`v4/checkpresent?key=${KEY}&clientuuid=`),
      400,
      'Error parsing query parameter clientuuid failed: empty UUID',
    ],
    [
      'POST',
      at(`v4/checkpresent?key=${KEY}&clientuuid=../x`),
      400,
      'Error parsing query parameter clientuuid failed: not a UUID',
    ],
    ['POST', at(`v4/put?key=${KEY}&clientuuid=${C}`), 400, 'Header X-git-annex-data-length is required'],
    [
      'POST',
      at(`v4/put?key=${KEY}&offset=1e9&clientuuid=${C}`),
      400,
      'Error parsing query parameter offset failed: offset parse error',
    ],
    [
      'POST',
      at(`v4/put?key=${KEY}&data-present=foo&clientuuid=${C}`),
      400,
      "Error parsing query parameter data-present failed: could not parse: `foo'",
    ],
  ])('%s %s is refused', (method, target, status, text) => {
    expect(refusal(method, target)).toEqual([status, text]);
  });

  it('refuses lengths that are no number of bytes', () => {
    for (const length of ['x', '-3', '', '1e3', '99999999999999999999']) {
      const text = 'Error parsing header X-git-annex-data-length failed: X-git-annex-data-length parse error';
      expect(refusal('POST', at(`v4/put?key=${KEY}&clientuuid=${C}`), length)).toEqual([400, text]);
    }
  });

  it('answers anything whatever with a request or a refusal', () => {
    const piece = fc.oneof(
      fc.constantFrom('/git-annex/', U, '/v4/', 'key/', KEY, '?', '&key=', '[', ']', '%2F', '%', '..', 'put'),
      fc.string({ unit: 'binary-ascii' }),
    );
    fc.assert(
      fc.property(fc.constantFrom('GET', 'POST', 'PUT', 'HEAD'), fc.array(piece), (method, pieces) => {
        const result = refusal(method, pieces.join(''), '1');
        expect(Array.isArray(result) ? result[0] : result.server).toBeTruthy();
      }),
    );
  });
});
