import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ascii } from '../../../src/lib/bytes.js';
import { openRunLog } from '../../../src/operations/background-sync/run-log.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'annex-ts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('keeps the last part of what is written, in two files of limited size', () => {
  const path = join(folder, 'deep/sync.log');
  const [one, other] = [openRunLog(ascii(path), 100), openRunLog(ascii(path), 100)];
  for (let i = 0; i < 50; i++) (i % 3 === 0 ? one : other).write(Buffer.from(`line ${i}\n`));
  const kept = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8');
  expect(kept).toMatch(/line 49\n$/);
  const numbers = kept
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.slice(5)));
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 50 - numbers.length + i));
  for (const file of [path, `${path}.1`]) expect(statSync(file).size).toBeLessThanOrEqual(100);
  one.write(Buffer.alloc(450, 'x'));
  expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThanOrEqual(200);
  one.close();
  other.close();
});

it('is no reason to fail', () => {
  const log = openRunLog(ascii('/dev/null/sync.log'));
  log.write(Buffer.from('x'));
  log.close();
  expect(existsSync('/dev/null/sync.log')).toBe(false);
});
