import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ascii } from '../../../src/lib/bytes.js';
import { makeOwnFolder, ownLockMode } from '../../../src/operations/background-sync/own-folder.js';

let annex: string;
beforeEach(() => {
  annex = join(mkdtempSync(join(tmpdir(), 'annex-ts-')), 'annex');
  mkdirSync(annex, { mode: 0o755 });
});
afterEach(() => rmSync(join(annex, '..'), { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o7777;

it.each([
  [0o755, 0o755, undefined],
  [0o2775, 0o2775, 0o664],
  [0o2777, 0o2777, 0o666],
] as const)('lets others do what they may in a folder of mode %o', (mode, expected, lock) => {
  chmodSync(annex, mode);
  makeOwnFolder(ascii(`${annex}/annex-ts/failed-remotes`));
  for (const name of ['annex-ts', 'annex-ts/failed-remotes'])
    expect(modeOf(join(annex, name)).toString(8)).toBe(expected.toString(8));
  expect(ownLockMode(ascii(join(annex, 'annex-ts')))).toBe(lock);
  makeOwnFolder(ascii(`${annex}/annex-ts`));
});
