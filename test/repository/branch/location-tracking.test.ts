import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { createLocationTracking } from '../../../src/repository/branch/location-tracking.js';
import { createLogClock } from '../../../src/repository/branch/log-clock.js';
import { annex, newFolder, output, removeFolder } from '../git/temporary-repository.js';
import { all, branchFiles, newAnnex, type OpenedBranch, openBranch } from './branch-fixture.js';

const key = `SHA256-s1--${'0'.repeat(64)}` as Key;
const other = `SHA256-s2--${'1'.repeat(64)}` as Key;
const uuid = (digit: string) => `${digit.repeat(8)}-2222-4333-8444-555555555555` as Uuid;
let folder: string;
let opened: OpenedBranch;

beforeEach(() => {
  folder = newFolder();
  newAnnex(folder, 'here');
  opened = openBranch(folder);
});
afterEach(async () => {
  await opened.git.close();
  removeFolder(folder);
});

describe('location tracking', () => {
  it('writes what git-annex writes, with a clock that stands still too', async () => {
    const tracking = createLocationTracking(opened.branch, createLogClock('5s'));
    const set = (state: string): void => {
      output(folder, 'git', ['annex', 'setpresentkey', other, uuid('1'), state], {
        GIT_ANNEX_VECTOR_CLOCK: '5s',
      });
    };
    for (const state of ['1', '0', '0', '1'] as const) {
      set(state);
      await tracking.record([{ key, uuid: uuid('1'), state }]);
    }
    await opened.branch.commit();
    const logs = [...branchFiles(folder)].filter(([path]) => path.includes('SHA256'));
    expect(logs.map(([, content]) => content)).toEqual([`7s 1 ${uuid('1')}\n`, `7s 1 ${uuid('1')}\n`]);
  });

  it('tells who has each key, in the order asked, and never that a cluster has', async () => {
    const tracking = createLocationTracking(opened.branch, createLogClock());
    const cluster = 'ac046913-890c-8a84-8904-f73923ce27d4' as Uuid;
    await tracking.record([
      { key, uuid: uuid('1'), state: '1' },
      { key, uuid: uuid('2'), state: '1' },
      { key, uuid: cluster, state: '1' },
      { key, uuid: uuid('1'), state: '0' },
      { key: other, uuid: uuid('3'), state: '1' },
    ]);
    expect(await all(tracking.locations([other, key, 'WORM-s0-m0--none' as Key]))).toEqual([
      { key: other, uuids: [uuid('3')] },
      { key, uuids: [uuid('2')] },
      { key: 'WORM-s0-m0--none', uuids: [] },
    ]);
    expect(annex(folder, 'whereis', `--key=${key}`)).toContain('(1 copy)');
    await opened.branch.commit();
    expect([...branchFiles(folder).values()].join('')).not.toContain(cluster);
  });
});
