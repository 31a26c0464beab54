import { expect, test } from 'vitest';
import type { AnnexEvent } from '../../../src/domain/events.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { markKeysDead } from '../../../src/operations/settings-log/dead-keys.js';
import type { BranchChange } from '../../../src/repository/branch/annex-branch.js';

async function dead(content: string) {
  let log = content as ByteString;
  const events: AnnexEvent[] = [];
  const branch = {
    change: async (changes: readonly BranchChange[]) => {
      for (const { change } of changes) log = change(log);
    },
    commit: async () => true,
  };
  const repository = { branch, settings: { bool: () => true } } as never;
  const context = {
    emit: (event: AnnexEvent) => void events.push(event),
    signal: new AbortController().signal,
    jobs: 1,
  };
  const { failed } = await markKeysDead(repository, ['WORM-s1--f' as ByteString], context);
  return { log, failed };
}

// Recorded: git annex setpresentkey KEY UUID 0; git annex dead --key KEY
test.each([
  ['1795301238s 0 u1\n', '1795301238.000000000001s X u1\n'],
  ['1795301238.5s 0 u1\n', '1795301238.500000000001s X u1\n'],
  ['1.999999999999s 0 u1\n', '2s X u1\n'],
  ['1s X u1\n', '1s X u1\n'],
  ['', ''],
])('a lost key keeps its times but for the smallest step: %j', async (before, after) => {
  expect(await dead(before)).toEqual({ log: after, failed: 0 });
});

test('a key that some repository has is not marked', async () => {
  const before = '1s 0 u1\n1s 1 u2\n';
  expect(await dead(before)).toEqual({ log: before, failed: 1 });
});
