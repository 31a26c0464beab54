import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VectorClock } from '../../src/domain/vector-clock.js';
import {
  clockFromEnvironment,
  compareClocks,
  formatClock,
  nextClock,
  parseClock,
  unknownClock,
} from '../../src/domain/vector-clock.js';

const clock = (text: string): VectorClock => {
  const parsed = parseClock(text);
  if (parsed === undefined) throw new Error(`not a clock: ${text}`);
  return parsed;
};

test.each([
  ['1287290776.765152s', '1287290776.765152s'],
  ['1', '1s'],
  ['1.50s', '1.5s'],
  ['1.0000', '1s'],
  ['007', '7s'],
  ['+5', '5s'],
  ['-1.5', '-1.5s'],
  ['-0.5s', '0.5s'],
  ['-0', '0s'],
  ['0.0', '0s'],
  ['1.1234567890123456789', '1.123456789012s'],
  ['1.0000000000009', '1s'],
  ['123456789012345678901234567890.5', '123456789012345678901234567890.5s'],
])('%s is read and written as %s', (text, written) => {
  expect(formatClock(clock(text))).toBe(written);
});

test.each([
  '',
  's',
  '.5',
  '1.',
  '1.s',
  'abc',
  '1e5',
  '1 ',
  ' 1',
  '1,5',
  '1.5.5',
  '0x10',
  '1ss',
  '--1',
  '1.-5',
  '1\n',
])('%j is not a clock', (text) => {
  expect(parseClock(text)).toBeUndefined();
});

test('orders exactly, whatever the size and the number of digits', () => {
  const picoseconds = (text: VectorClock): bigint => {
    const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
    const magnitude = BigInt(whole) * 10n ** 12n + BigInt(fraction.padEnd(12, '0'));
    return text.startsWith('-') ? -magnitude : magnitude;
  };
  const anyClock = fc
    .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.stringMatching(/^\d{0,14}$/))
    .map(([sign, whole, fraction]) => clock(`${sign}${whole}${fraction === '' ? '' : `.${fraction}`}s`));
  fc.assert(
    fc.property(anyClock, anyClock, (a, b) => {
      const difference = picoseconds(a) - picoseconds(b);
      expect(Math.sign(compareClocks(a, b))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
      expect(compareClocks(nextClock(a, b), b)).toBeGreaterThan(0);
      expect(compareClocks(unknownClock, a)).toBeLessThan(0);
      expect(parseClock(formatClock(a))).toBe(a);
    }),
  );
});

test('a clock that is not ahead of the log gets a second more than the log', () => {
  expect(nextClock(clock('5'), undefined)).toBe('5');
  expect(nextClock(clock('5'), clock('4.9'))).toBe('5');
  expect(nextClock(clock('5'), clock('5'))).toBe('6');
  expect(nextClock(clock('5'), clock('99999999999.123456789012'))).toBe('100000000000.123456789012');
  expect(nextClock(clock('-9'), clock('-3.5'))).toBe('-2.5');
  expect(nextClock(clock('-9'), clock('-1.5'))).toBe('0');
});

test('GIT_ANNEX_VECTOR_CLOCK counts when it holds a time', () => {
  expect(clockFromEnvironment('1.5', 0)).toBe('1.5');
  expect(clockFromEnvironment('yesterday', 1_795_298_420_999)).toBe('1795298420');
  expect(clockFromEnvironment('', 1_795_298_420_000)).toBe('1795298420');
  expect(clockFromEnvironment(undefined, 1_795_298_420_000)).toBe('1795298420');
});
