import { expect, test } from 'vitest';
import type { Action } from '../../src/domain/events.js';
import { ascii } from '../../src/lib/bytes.js';
import { TransferTotals } from '../../src/report/transfer-totals.js';
import { formatBytes, formatSeconds } from '../../src/report/units.js';

const a: Action = { command: 'get', file: ascii('a') };
const b: Action = { command: 'get', file: ascii('b') };

test('sums what is done and tells the time left', () => {
  const totals = new TransferTotals(0);
  totals.add({ type: 'totals', files: 3, bytes: 4_000_000 });
  totals.add({ type: 'start', action: a });
  totals.add({ type: 'progress', action: a, bytes: 1_000_000, total: 1_000_000 });
  totals.add({ type: 'end', action: a, success: true });
  totals.add({ type: 'start', action: b });
  totals.add({ type: 'progress', action: b, bytes: 1_000_000, total: 3_000_000 });
  expect(totals.summary(2000)).toBe('1 of 3 files, 2.0 MB of 4.0 MB, 1.0 MB/s, 2s left');
  totals.add({ type: 'end', action: b, success: false });
  expect(totals.summary(2000)).toBe('2 of 3 files, 1.0 MB of 4.0 MB, 500 kB/s, 6s left, 1 failed');
  expect(totals.running.size).toBe(0);
});

test.each([
  [0, '0 B'],
  [812, '812 B'],
  [999_999, '1.0 MB'],
  [3_400_000_000, '3.4 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [45, '45s'],
  [200, '3m 20s'],
  [7500, '2h 5m'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
