import { expect, test } from 'vitest';
import type { AnnexEvent } from '../../../src/domain/events.js';
import { presentLocations } from '../../../src/domain/logs/location-log.js';
import type { VectorClock } from '../../../src/domain/vector-clock.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { setPresentKey } from '../../../src/operations/keys-info/set-present-key.js';
import type { AnnexBranch, BranchChange } from '../../../src/repository/branch/annex-branch.js';

/** A branch in memory that counts its locks. */
function createBranch() {
  const files = new Map<string, ByteString>();
  const calls: number[] = [];
  const change = async (changes: readonly BranchChange[]) => {
    calls.push(changes.length);
    for (const { path, change } of changes) files.set(path, change(files.get(path) ?? ('' as ByteString)));
  };
  return { files, calls, branch: { change } as unknown as AnnexBranch };
}

function run(branch: AnnexBranch, lines: readonly string[], events: AnnexEvent[] = []) {
  const words = (async function* () {
    yield* lines as ByteString[];
  })();
  const context = {
    emit: (event: AnnexEvent) => void events.push(event),
    signal: new AbortController().signal,
    jobs: 1,
  };
  return setPresentKey(branch, { from: 'batch', words }, () => '5' as VectorClock, context);
}

test('a batch journals many changes under one lock, and loses none', async () => {
  const { files, calls, branch } = createBranch();
  const events: AnnexEvent[] = [];
  const lines = Array.from({ length: 2500 }, (_, i) => `WORM-s1--f${i % 500} uuid${i} 1`);
  await run(branch, lines, events);
  expect(calls.length).toBeLessThanOrEqual(4);
  const present = [...files.values()].flatMap((log) => presentLocations(log));
  expect(present.toSorted()).toEqual(lines.map((line) => line.split(' ')[1]).toSorted());
  expect(events.filter(({ type }) => type === 'end')).toHaveLength(2500);
});

test('the last statement about a key and repository wins', async () => {
  const { files, branch } = createBranch();
  await run(branch, ['WORM-s1--f u 1', 'WORM-s1--f u 0', 'WORM-s1--f v 1']);
  expect([...files.values()].flatMap((log) => presentLocations(log))).toEqual(['v']);
});

test.each([
  ['bad u 1', 'Batch input parse failure: bad key'],
  ['WORM-s1--f u', 'Batch input parse failure: Bad input. Expected: key uuid value'],
  ['WORM-s1--f u 1 2', 'Batch input parse failure: Bad input. Expected: key uuid value'],
  ['WORM-s1--f u 2', 'Batch input parse failure: bad value'],
  ['', 'Batch input parse failure: Bad input. Expected: key uuid value'],
])('%j ends the batch, after what came before it', async (line, message) => {
  const { files, branch } = createBranch();
  await expect(run(branch, ['WORM-s1--f u 1', line, 'WORM-s1--g u 1'])).rejects.toThrow(message);
  expect(files.size).toBe(1);
});
