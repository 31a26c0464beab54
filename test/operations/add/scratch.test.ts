import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fromText } from '../../../src/lib/bytes.js';
import { openScratch } from '../../../src/operations/add/scratch.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'annex-ts-scratch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('leaves the folder to those who still use it', async () => {
  const signal = new AbortController().signal;
  const first = await openScratch(fromText(folder), signal);
  const second = await openScratch(fromText(folder), signal);
  first.release();
  expect(existsSync(join(folder, 'othertmp'))).toBe(true);
  second.release();
});
