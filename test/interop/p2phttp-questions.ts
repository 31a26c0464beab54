import type { RawQuestion } from '../support/raw-http.js';

export const SERVER = '11111111-2222-4333-8444-555555555555';
export const CLIENT = '99999999-2222-4333-8444-555555555555';
/** `hello\n`, which the server has. */
export const HERE = 'SHA256E-s6--5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
/** Nobody has it. */
export const MISSING = 'SHA256E-s3--0000000000000000000000000000000000000000000000000000000000000000';
/** `foo\n`, which the server has not. */
export const NEW = 'SHA256E-s4--b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c';

/** A question to both servers, and where ours is to answer otherwise than git-annex's, how and why. */
export interface Question extends RawQuestion {
  readonly ours?: { readonly status: number; readonly body?: string; readonly why: string };
  /** git-annex's server does not answer (it waits for a lock). */
  readonly onlyOurs?: boolean;
}

const repository = `/git-annex/${SERVER}`;
const me = `clientuuid=${CLIENT}`;
const json = { 'Content-Type': 'application/json;charset=utf-8' };
const get = (rest: string, more: Partial<Question> = {}): Question => ({
  method: 'GET',
  target: repository + rest,
  ...more,
});
const post = (rest: string, more: Partial<Question> = {}): Question => ({
  method: 'POST',
  target: repository + rest,
  ...more,
});
const data = (body: string, length: number | string = body.length, more: Record<string, string> = {}) => ({
  body,
  headers: {
    'Content-Type': 'application/octet-stream',
    'X-git-annex-data-length': String(length),
    ...more,
  },
});
const user = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const as = (name: string, more: Record<string, string> = {}) => ({ headers: { ...user(name), ...more } });

const notFound = { status: 404, body: '', why: "the page's status for a key that is missing" };
const version = { status: 404, body: 'bad version', why: "the page's status for an unknown version" };
const method = { status: 405, body: 'method not allowed', why: 'the version is a good one' };
const strict = (body: string) => ({ status: 400, body, why: 'it is not what it should be' });
const accepts = { status: 200, why: 'the only type there is serves better than none' };

/** Reading, and what cannot be read. They change nothing. */
export const reading: readonly Question[] = [
  get(`/key/${HERE}`),
  get(`/key/[${Buffer.from(HERE).toString('base64').replace(/=*$/, '')}]`, {
    ours: { status: 200, body: 'hello\n', why: 'base64url without padding is usual' },
  }),
  get(`/key/%5B${Buffer.from(HERE).toString('base64')}%5D`),
  get(`/key/${HERE}/`),
  get(`/key/${HERE}?offset=2`),
  get(`/key/${HERE}`, { headers: { Range: 'bytes=2-3' }, ours: { status: 206, body: 'll', why: 'ranges' } }),
  get(`/key/${HERE}`, { headers: { Range: 'bytes=6-' }, ours: { status: 416, body: '', why: 'ranges' } }),
  get(`/key/${HERE}`, { headers: { Accept: 'text/html' }, ours: accepts }),
  get(`/key/${MISSING}`, { ours: notFound }),
  get('/key/nonsense'),
  get('/key/'),
  get('/key'),
  get('/key/../../../etc/passwd'),
  get('/key/..%2F..%2Fetc'),
  get('/key/WORM-s1--a%2F..%2Fb', { ours: notFound }),
  get('/key/WORM-s1--a%00b', { ours: strict('key parse error') }),
  get('/key/WORM-s1--a%0Ab', { ours: strict('key parse error') }),
  { method: 'HEAD', target: `${repository}/key/${HERE}` },
  { method: 'HEAD', target: `${repository}/key/${MISSING}`, ours: notFound },
  { method: 'HEAD', target: `${repository}/v4/key/${HERE}?${me}` },
  { method: 'GET', target: '/' },
  { method: 'GET', target: '/git-annex/' },
  { method: 'GET', target: `/git-annex/${CLIENT}/key/${HERE}` },
  { method: 'GET', target: `/git-annex//${SERVER}/key/${HERE}` },
  get(''),
  get('/'),
  ...['v4', 'v3', 'v2', 'v1', 'v0'].map((name) => get(`/${name}/key/${HERE}?${me}&associatedfile=a%20b`)),
  get(`/v5/key/${HERE}?${me}`, { ours: version }),
  get(`/v4/key/${HERE}`, {
    ours: { status: 200, body: 'hello\n', why: 'the page: all parameters are optional' },
  }),
  get(`/v4/key/${MISSING}?${me}`, { ours: notFound }),
  get(`/v4/key/${HERE}?offset=2&${me}`),
  get(`/v4/key/${HERE}?offset=6&${me}`),
  get(`/v4/key/${HERE}?offset=60&${me}`),
  get(`/v4/key/${HERE}?offset=x&${me}`),
  get(`/v4/key/${HERE}?offset=&${me}`),
  get(`/v4/key/${HERE}?offset=-1&${me}`, {
    ours: strict('Error parsing query parameter offset failed: offset parse error'),
  }),
  get(`/v4/key/${HERE}?associatedfile=[W2Zvb10=]&${me}`),
  get(`/v4/key/${HERE}?associatedfile=[!!]&${me}`),
  get(`/v4/key/${HERE}?bypass=x&bypass=y&${me}`),
  post(`/v4/key/${HERE}?${me}`, { ours: method }),
  ...['v4', 'v3', 'v2', 'v1', 'v0'].map((name) => post(`/${name}/checkpresent?key=${HERE}&${me}`)),
  post(`/v4/checkpresent/?key=[${Buffer.from(HERE).toString('base64')}]&${me}`, { body: 'x' }),
  post(`/v4/checkpresent?key=${HERE}&key=${MISSING}&${me}`),
  post(`/v4/checkpresent?key=${MISSING}&${me}`, { headers: { Accept: 'application/json' } }),
  post(`/v4/checkpresent?key=${HERE}&${me}`, { headers: { Accept: 'text/html' }, ours: accepts }),
  post(`/v4/checkpresent?${me}`),
  post('/v4/checkpresent'),
  post(`/v4/checkpresent?key&${me}`),
  post(`/v4/checkpresent?key=&${me}`),
  post(`/v4/checkpresent?key=x&${me}`),
  post(`/v4/checkpresent?key=[!!!]&${me}`),
  post(`/v4/checkpresent?key=${HERE}`),
  post(`/v4/checkpresent?key=${HERE}&clientuuid=`),
  post(`/v4/checkpresent?key=${HERE}&clientuuid=../x`, {
    ours: strict('Error parsing query parameter clientuuid failed: not a UUID'),
  }),
  ...['v5', 'vx', 'v04'].map((name) => post(`/${name}/checkpresent?key=${HERE}&${me}`, { ours: version })),
  post(`/checkpresent?key=${HERE}&${me}`),
  get(`/v4/checkpresent?key=${HERE}&${me}`, { ours: method }),
  post(`/v4/nothing?${me}`),
  post(`/v4/gettimestamp?${me}`),
  post(`/v3/gettimestamp?${me}`),
  post(`/v2/gettimestamp?${me}`, { ours: version }),
  post('/v4/gettimestamp'),
  post(`/v4/lockcontent?key=${HERE}&${me}`),
  post(`/v0/lockcontent?key=${MISSING}&${me}`),
  post(`/v4/keeplocked?lockid=foo&${me}`, { headers: json, body: '{"unlock":true}' }),
  post(`/v4/keeplocked?lockid=foo&${me}`, { body: 'nonsense' }),
  post(`/v4/keeplocked?${me}`, { headers: json, body: '{"unlock":true}' }),
  post(`/v4/checkpresent?key=${HERE}&${me}`, as('alice:foo123')),
  post(`/v4/checkpresent?key=${HERE}&${me}`, as('alice:wrong')),
  post(`/v4/checkpresent?key=${HERE}&${me}`, { headers: { Authorization: 'Bearer x' } }),
  post(`/v4/remove?key=x&${me}`),
  post(`/v4/put?key=${MISSING}&${me}`, { body: 'abc' }),
];

/** Storing and removing, in an order in which each finds what the one before left. */
export const writing: readonly Question[] = [
  ...['v4', 'v2', 'v1', 'v0'].map((name) => post(`/${name}/remove?key=${MISSING}&${me}`)),
  post(`/v4/remove-before?timestamp=1&key=${MISSING}&${me}`),
  post(`/v4/remove-before?timestamp=1&key=${HERE}&${me}`, {
    onlyOurs: true,
    ours: { status: 200, body: '{"plusuuids":[],"removed":false}', why: 'locked: git-annex waits' },
  }),
  post(`/v4/remove-before?key=${HERE}&${me}`),
  post(`/v4/remove-before?timestamp=1.5&key=${HERE}&${me}`),
  post(`/v2/remove-before?timestamp=1&key=${HERE}&${me}`, { ours: version }),
  ...['v4', 'v1'].map((name) => post(`/${name}/putoffset?key=${HERE}&${me}`)),
  ...['v4', 'v2', 'v1'].map((name) => post(`/${name}/putoffset?key=${MISSING}&${me}`)),
  post(`/v0/putoffset?key=${MISSING}&${me}`, { ours: version }),
  post(`/v4/put?key=${HERE}&${me}`, data('hello\n')),
  post(`/v4/put?key=${HERE}&${me}`, data('hello\n', 6, { Expect: '100-continue' })),
  post(`/v4/put?key=${MISSING}&${me}`, data('abc')),
  post(`/v4/put?key=${MISSING}&${me}`, data('abcd', 3)),
  post(`/v4/put?key=${MISSING}&${me}`, data('abc', 'x')),
  post(`/v4/put?key=${MISSING}&${me}`, {
    ...data('abc', -3),
    ours: strict('Error parsing header X-git-annex-data-length failed: X-git-annex-data-length parse error'),
  }),
  post(`/v4/put?key=${MISSING}&offset=2&${me}`, data('c')),
  post(`/v4/put?key=${MISSING}&data-present=true&${me}`, data('')),
  post(`/v4/put?key=${HERE}&data-present=true&${me}`, data('')),
  post(`/v4/put?key=${HERE}&data-present=foo&${me}`, data('')),
  post(`/v1/put?key=${NEW}&${me}`, data('foo\n')),
  post(`/v1/remove?key=${NEW}&${me}`),
  post(
    `/v4/put?key=${NEW}&associatedfile=foo&${me}`,
    data('2\r\nfo\r\n2\r\no\n\r\n0\r\n\r\n', 4, { 'Transfer-Encoding': 'chunked' }),
  ),
  post(`/v4/remove?key=${NEW}&${me}`),
  post(`/v4/put?key=${NEW}&${me}`, data('fo', 4)),
  post(`/v4/putoffset?key=${NEW}&${me}`),
  post(`/v4/put?key=${NEW}&offset=1&${me}`, data('oo\n')),
  get(`/key/${NEW}`),
  post(`/v3/remove-before?timestamp=99999999999&key=${NEW}&${me}`),
  post(`/v0/put?key=${NEW}&${me}`, data('foo\n')),
  post(`/v2/remove?key=${NEW}&${me}`),
];

/** Who may do what, asked of servers with users and different rights for everybody else. */
export const permissions: readonly Question[] = [
  get(`/key/${HERE}`),
  get(`/key/${HERE}`, as('ro:r')),
  get(`/key/${HERE}`, as('ro:wrong')),
  post(`/v4/gettimestamp?${me}`, as('ro:r')),
  ...['ro:r', 'ap:r', 'alice:foo123'].flatMap((name) => [
    post(`/v4/lockcontent?key=${MISSING}&${me}`, as(name)),
    post(`/v4/keeplocked?lockid=foo&${me}`, as(name, json)),
    post(`/v4/putoffset?key=${MISSING}&${me}`, as(name)),
    post(`/v4/put?key=${MISSING}&${me}`, { ...as(name, { 'X-git-annex-data-length': '3' }), body: 'abc' }),
    post(`/v4/remove?key=${MISSING}&${me}`, as(name)),
    post(`/v4/remove-before?timestamp=1&key=${MISSING}&${me}`, as(name)),
  ]),
  post(`/v4/lockcontent?key=${MISSING}&${me}`),
  post(`/v4/keeplocked?lockid=foo&${me}`, { headers: json }),
  post(`/v4/putoffset?key=${MISSING}&${me}`),
  post(`/v4/remove?key=${MISSING}&${me}`),
  { method: 'POST', target: `/git-annex/${CLIENT}/v4/remove?key=${HERE}&${me}` },
];

const known = { status: 401, body: '', why: 'the page: 403 is for who said who they are' };

/** With a wrong password, where everybody may read. */
export const wrongPassword: readonly Question[] = [
  get(`/key/${HERE}`, as('bob:foo123')),
  post(`/v4/lockcontent?key=${MISSING}&${me}`, as('bob:foo123')),
  post(`/v4/putoffset?key=${MISSING}&${me}`, { ...as('alice:wrong'), ours: known }),
  post(`/v4/remove?key=${MISSING}&${me}`, { ...as('bob:foo123'), ours: known }),
];

/** Where everybody may store but not lock. */
export const noLocking: readonly Question[] = [
  post(`/v4/lockcontent?key=${MISSING}&${me}`, {
    ours: { status: 403, body: '', why: 'git-annex heeds --unauth-nolocking with --unauth-readonly only' },
  }),
  post(`/v4/putoffset?key=${MISSING}&${me}`),
  post(`/v4/remove?key=${MISSING}&${me}`),
];
