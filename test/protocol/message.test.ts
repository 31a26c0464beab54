import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteString } from '../../src/lib/bytes.js';
import { escapeFile, unescapeFile } from '../../src/protocol/associated-file.js';
import { formatMessage, type Message, parseMessage } from '../../src/protocol/message.js';
import { anyKey, bytesWithout } from '../domain/arbitraries.js';

const b = (text: string): ByteString => text as ByteString;
const word = bytesWithout(' \\n\\0', { minLength: 1, maxLength: 40 });
const words = fc.array(word, { maxLength: 5 });
const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
/** Names whose whitespace is spaces, none of it beside a percent sign: what survives the way there and back. */
const file = bytesWithout('\\0-\\x20%', { maxLength: 40 });

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ name: fc.constant('AUTH' as const), uuid: word, token: word }),
  fc.record({ name: fc.constantFrom('AUTH-SUCCESS', 'X-PROXY'), uuid: word }) as fc.Arbitrary<Message>,
  fc.record({ name: fc.constant('VERSION' as const), version: number }),
  fc.record({
    name: fc.constantFrom('BYPASS', 'SUCCESS-PLUS', 'FAILURE-PLUS', 'ALREADY-HAVE-PLUS'),
    uuids: words,
  }) as fc.Arbitrary<Message>,
  fc.record({
    name: fc.constantFrom('CHECKPRESENT', 'LOCKCONTENT', 'REMOVE'),
    key: anyKey,
  }) as fc.Arbitrary<Message>,
  fc.record({ name: fc.constant('REMOVE-BEFORE' as const), time: number, key: anyKey }),
  fc.record({ name: fc.constant('GET' as const), offset: number, file, key: anyKey }),
  fc.record({ name: fc.constant('PUT' as const), file, key: anyKey }),
  fc.record({ name: fc.constant('PUT-FROM' as const), offset: number }),
  fc.record({ name: fc.constant('DATA' as const), length: number }),
  fc.record({ name: fc.constant('TIMESTAMP' as const), time: number }),
  fc.record({ name: fc.constant('CONNECTDONE' as const), exitCode: number }),
  fc.record({ name: fc.constant('CHANGED' as const), refs: words }),
  fc.record({ name: fc.constant('ERROR' as const), text: bytesWithout('\\n\\0', { maxLength: 80 }) }),
  fc.record({
    name: fc.constantFrom('SUCCESS', 'FAILURE', 'ALREADY-HAVE', 'UNLOCKCONTENT', 'VALID', 'INVALID'),
  }) as fc.Arbitrary<Message>,
);

describe('messages', () => {
  it('come back from their lines as they were', () => {
    fc.assert(
      fc.property(message, (one) => {
        expect(parseMessage(formatMessage(one))).toEqual(one);
      }),
    );
  });

  it('are one line each, whatever they hold', () => {
    const hostile: Message = { name: 'ERROR', text: b('two\nSUCCESS') };
    expect(formatMessage(hostile)).toBe('ERROR two SUCCESS');
  });

  it.each([
    ['PUT a%b%%c%d\xc3\xa9 SHA256E-s1--x', { name: 'PUT', file: 'a b%c d\xc3\xa9', key: 'SHA256E-s1--x' }],
    ['GET 0  SHA256E-s6--x', { name: 'GET', offset: 0, file: '', key: 'SHA256E-s6--x' }],
    ['REMOVE-BEFORE 7650 WORM-s3--a b', { name: 'REMOVE-BEFORE', time: 7650, key: 'WORM-s3--a b' }],
    ['UNLOCKCONTENT', { name: 'UNLOCKCONTENT' }],
    ['UNLOCKCONTENT SHA256E-s6--x', { name: 'UNLOCKCONTENT' }],
    ['SUCCESS-PLUS', { name: 'SUCCESS-PLUS', uuids: [] }],
  ])('are read as git-annex sends them: %s', (line, wanted) => {
    expect(parseMessage(b(line))).toEqual(wanted);
  });

  it.each([
    '',
    ' ',
    'get 0 f SHA256E-s1--x',
    'GET x f SHA256E-s1--x',
    'GET -1 f SHA256E-s1--x',
    'GET 0 SHA256E-s1--x',
    'GET 99999999999999999 f SHA256E-s1--x',
    'CHECKPRESENT nokey',
    'CHECKPRESENT',
    'CONNECT git-shell',
    'SUCCESS now',
    'constructor',
    '__proto__ x',
  ])('are not made of %j', (line) => {
    expect(parseMessage(b(line))).toBeUndefined();
  });

  it('are found or not in any bytes, without an error', () => {
    const start = fc.constantFrom('', 'GET ', 'PUT ', 'DATA ', 'REMOVE-BEFORE ', 'VERSION ', 'ERROR ');
    fc.assert(
      fc.property(start, bytesWithout('\\n'), (name, rest) => {
        const found = parseMessage(b(name + rest));
        if (found !== undefined) expect(parseMessage(formatMessage(found))).toBeDefined();
      }),
    );
  });
});

it('names of files lose only what kind of whitespace they had', () => {
  expect(escapeFile(b('a b%c\td \xc3\xa9'))).toBe('a%b%%c%d%\xc3\xa9');
  fc.assert(
    fc.property(file, (name) => {
      expect(unescapeFile(escapeFile(name))).toBe(name);
    }),
  );
});
