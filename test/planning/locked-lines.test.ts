import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unionMerge } from '../../src/domain/logs/union-merge.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { type Locked, LOCKED_LOGS, type LockedLog, lockedChanges } from '../../src/planning/locked-lines.js';
import { isSignedBy } from '../../src/operations/lock-cluster/push-signer.js';

const NODE = '22222222-2222-4222-8222-222222222222';
const OTHER = '33333333-3333-4333-8333-333333333333';
const locked: Locked = {
  repositories: new Set([NODE as ByteString]),
  groups: new Set(['archive' as ByteString]),
};
const logOf = (path: string) => LOCKED_LOGS.find((log) => log.path === path) as LockedLog;
const changes = (path: string, now: string, then: string, replaces = false) =>
  lockedChanges(logOf(path), now as ByteString, then as ByteString, locked, replaces).map(
    ({ line, kind }) => `${kind}: ${line}`,
  );

const wanted = `${NODE} present timestamp=10s\n`;
const maxsize = `10s ${NODE} 1000\n`;

it.each([
  ['the same', 'maxsize.log', maxsize, maxsize],
  ['an older line', 'preferred-content.log', wanted, `${NODE} anything timestamp=9.9s\n`],
  ['the same value later', 'maxsize.log', maxsize, `11s ${NODE} 1000\n`],
  ['nothing', 'maxsize.log', maxsize, ''],
  ["another's line", 'trust.log', `${NODE} 1 timestamp=1s\n`, `${OTHER} X timestamp=99s\n`],
  ['a group of others', 'group-preferred-content.log', '', '9s movies copies=archive:1\n'],
])('%s changes nothing', (_, path, now, then) => {
  expect(changes(path, now, then)).toEqual([]);
});

it.each([
  ['a newer value', 'preferred-content.log', wanted, `${NODE} anything timestamp=11s`],
  ['another value of the same time', 'maxsize.log', maxsize, `10s ${NODE} 5`],
  ['a first value', 'trust.log', '', `${NODE} X timestamp=1s`],
  ['a line without time', 'trust.log', `${NODE} 1 timestamp=10s`, `${NODE} X`],
  ['two times', 'trust.log', `${NODE} 1 timestamp=10s`, `${NODE} X timestamp=99s timestamp=1s`],
  ['a time nobody knows', 'maxsize.log', maxsize, `1e9s ${NODE} 5`],
  ['odd white space', 'maxsize.log', maxsize, `9s\t${NODE} 5`],
  ['a carriage return', 'maxsize.log', maxsize, `9s ${OTHER} 5\r99s ${NODE} 5`],
  ['white space before it', 'maxsize.log', maxsize, ` 9s ${NODE} 5`],
  ['a group of the node', 'group-preferred-content.log', '5s archive all\n', '9s archive nothing'],
  ['a proxy that claims the node', 'proxy.log', '', `9s ${OTHER} ${NODE}:node`],
])('%s is a change', (_, path, now, then) => {
  expect(changes(path, now, `${then}\n`)).toEqual([`added: ${then}`]);
});

it('lines may not go where the log is replaced', () => {
  expect(changes('maxsize.log', maxsize, '', true)).toEqual([`gone: ${maxsize.trimEnd()}`]);
  expect(changes('maxsize.log', `5s ${NODE} 7\n${maxsize}`, maxsize, true)).toEqual([]);
  expect(changes('maxsize.log', `5s ${OTHER} 7\n${maxsize}`, maxsize, true)).toEqual([]);
});

const line = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(NODE, OTHER), fc.constantFrom('1', '2', '3'))
  .map(([time, uuid, size]) => `${time}s ${uuid} ${size}`);
const content = fc.array(line, { maxLength: 5 }).map((lines) => lines.map((one) => `${one}\n`).join(''));
/** What git-annex reads: the newest, of the same time the last. */
function newestOf(text: string): string | undefined {
  let best: [number, string] | undefined;
  for (const [, time, size] of text.matchAll(new RegExp(`(\\d)s ${NODE} (\\d)`, 'g')))
    if (best === undefined || Number(time) >= best[0]) best = [Number(time), size as string];
  return best?.[1];
}

it('what is let through leaves the value of a locked repository as it is', () => {
  fc.assert(
    fc.property(content, content, (now, then) => {
      const sorted = unionMerge('' as ByteString, now as ByteString);
      if (changes('maxsize.log', sorted, then).length > 0) return;
      expect(newestOf(unionMerge(sorted, then as ByteString))).toBe(newestOf(sorted));
    }),
  );
});

it('whatever a line is, it does not throw, and one that names the node newly and later is found', () => {
  const junk = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)) });
  fc.assert(
    fc.property(fc.constantFrom(...LOCKED_LOGS), junk, junk, (log, before, after) => {
      const text = `${before}${NODE}${after}`.replaceAll('\n', '');
      const found = lockedChanges(log, '' as ByteString, `${text}\n` as ByteString, locked, false);
      if (log.field === 'repository') expect(found).toHaveLength(1);
    }),
  );
});

it('believes only signatures that git has verified for this push', () => {
  const ssh = {
    GIT_PUSH_CERT_STATUS: 'G',
    GIT_PUSH_CERT_NONCE_STATUS: 'OK',
    GIT_PUSH_CERT_KEY: 'SHA256:abc',
    GIT_PUSH_CERT_SIGNER: 'admin@example.com',
  };
  expect(isSignedBy(['SHA256:abc'], ssh)).toBe(true);
  expect(isSignedBy(['admin@example.com'], ssh)).toBe(true);
  expect(isSignedBy(['SHA256:abd', ''], ssh)).toBe(false);
  expect(isSignedBy([], ssh)).toBe(false);
  expect(isSignedBy(['SHA256:abc'], {})).toBe(false);
  expect(isSignedBy(['SHA256:abc'], { ...ssh, GIT_PUSH_CERT_STATUS: 'B' })).toBe(false);
  expect(isSignedBy(['SHA256:abc'], { ...ssh, GIT_PUSH_CERT_NONCE_STATUS: 'BAD' })).toBe(false);
  const pgp = { ...ssh, GIT_PUSH_CERT_KEY: '0123456789ABCDEF', GIT_PUSH_CERT_SIGNER: 'Admin' };
  expect(isSignedBy(['Admin'], pgp)).toBe(false);
  expect(isSignedBy(['89abcdef'], pgp)).toBe(false);
  expect(isSignedBy(['0000000000000000000000000123456789abcdef'], pgp)).toBe(true);
});
