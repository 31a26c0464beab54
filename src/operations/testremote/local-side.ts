import { chmodSync, copyFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import { firstDifference } from './compare-files.js';
import { proveDrop } from '../../planning/prove-drop.js';
import { CaseFailure, expect, type LocalSide, type TestContent } from './case.js';

/** Puts the content into the local store, so that it can be sent. */
export async function place({ objects }: LocalSide, { key, original }: TestContent): Promise<void> {
  if (objects.locate(key) !== undefined) return;
  const tmp = objects.tmpPath(key);
  copyWritable(original, tmp);
  await objects.admit(key, tmp);
  objects.recorded([key]);
}

/** Removes the content from the local store, with what was downloaded of it. */
export async function takeAway({ objects, uuid }: LocalSide, { key }: TestContent): Promise<void> {
  rmSync(toPath(objects.tmpPath(key)), { force: true });
  if (objects.locate(key) === undefined) return;
  const facts = { key, target: uuid, locked: [], trusted: [], numcopies: 1, mincopies: 1, force: true };
  const { proof } = proveDrop(facts);
  const lock = objects.lockExclusive(key);
  if (proof === undefined || lock === undefined)
    throw new AnnexError('locked', 'a test key is locked locally');
  try {
    await objects.remove(key, proof);
  } finally {
    lock.release();
  }
}

/** Leaves that many bytes of the content as an interrupted download does. */
export function leavePartial({ objects }: LocalSide, { key, original }: TestContent, bytes: number): void {
  const tmp = objects.tmpPath(key);
  copyWritable(original, tmp);
  truncateSync(toPath(tmp), bytes);
}

/** The same, but what is there is not the beginning of the content. */
export function leaveDamaged({ objects }: LocalSide, { key, size }: TestContent): void {
  writeFileSync(toPath(objects.tmpPath(key)), Buffer.alloc(Math.max(1, Math.floor(size / 2)), 0x2e));
}

/** Fails unless the local store has the content, byte by byte. */
export function expectSame({ objects }: LocalSide, { key, original }: TestContent): void {
  const file = objects.locate(key);
  if (file === undefined)
    throw new CaseFailure('it said that the content was retrieved, but nothing arrived');
  const [is, should] = [file, original].map((one) => statSync(toPath(one)).size);
  expect(is === should, `it has ${is} bytes instead of ${should}`);
  const at = firstDifference(file, original);
  expect(at === undefined, `its content is not the one that was stored: byte ${at} is another`);
}

function copyWritable(from: TestContent['original'], to: TestContent['original']): void {
  rmSync(toPath(to), { force: true });
  copyFileSync(toPath(from), toPath(to));
  chmodSync(toPath(to), 0o644);
}
