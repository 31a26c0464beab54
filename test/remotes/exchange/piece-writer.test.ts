import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fromText } from '../../../src/lib/bytes.js';
import { createPieceWriter } from '../../../src/remotes/exchange/piece-writer.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pieces-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PIECE = Buffer.alloc(64 << 10, 'x');

/** Pieces that are collected before some are written. */
async function collected(writer: ReturnType<typeof createPieceWriter>): Promise<number> {
  for (let count = 1; ; count++) {
    const writing = writer.write(PIECE);
    await writing;
    if (writing !== undefined) return count;
  }
}

it('collects less for each file the more are written at once, and as much as before when they have ended', async () => {
  const open = (name: string) => createPieceWriter(fromText(join(folder, name)), 0);
  const first = open('first');
  expect(await collected(first)).toBe(16);
  const others = Array.from({ length: 300 }, (_, index) => open(String(index)));
  for (const writer of others) writer.write(Buffer.from('x'));
  expect(await collected(first)).toBe(1);
  for (const [index, writer] of others.entries()) await (index % 2 ? writer.end() : writer.abandon());
  expect(await collected(first)).toBe(16);
  await first.end();
  expect(readFileSync(join(folder, 'first')).length).toBe(33 * PIECE.length);
});
