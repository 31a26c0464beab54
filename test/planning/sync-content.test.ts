import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyLogPath, locationLogPath } from '../../src/domain/hash-directories.js';
import type { Key } from '../../src/domain/key.js';
import type { Uuid } from '../../src/domain/uuid.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { planContent, readBranchChanges } from '../../src/planning/sync-content.js';

const uuids = ['a', 'b', 'c', 'd'] as Uuid[];
const someUuids = fc.uniqueArray(fc.constantFrom(...uuids));

describe('what to do about a content', () => {
  const facts = fc.record({
    here: fc.boolean(),
    present: someUuids.map((list) => new Set(list)),
    sources: someUuids,
    destinations: someUuids,
    wantedHere: fc.boolean(),
    wanting: someUuids,
  });

  it('gets it only when it is missing and wanted, from those that have it, in their order', () => {
    fc.assert(
      fc.property(facts, ({ wanting, ...rest }) => {
        const { from } = planContent({ ...rest, wantedBy: (uuid) => wanting.includes(uuid) });
        const expected =
          rest.here || !rest.wantedHere ? [] : rest.sources.filter((uuid) => rest.present.has(uuid));
        expect(from).toEqual(expected);
      }),
    );
  });

  it('sends it only where it is missing and wanted, and only when it is or comes here', () => {
    fc.assert(
      fc.property(facts, ({ wanting, ...rest }) => {
        const { from, to } = planContent({ ...rest, wantedBy: (uuid) => wanting.includes(uuid) });
        for (const uuid of to) {
          expect(rest.destinations).toContain(uuid);
          expect(wanting).toContain(uuid);
          expect(rest.present.has(uuid)).toBe(false);
        }
        if (!rest.here && from.length === 0) expect(to).toEqual([]);
      }),
    );
  });

  it('has nothing left to do once it was done', () => {
    fc.assert(
      fc.property(facts, ({ wanting, ...rest }) => {
        const wantedBy = (uuid: Uuid) => wanting.includes(uuid);
        const { from, to } = planContent({ ...rest, wantedBy });
        const present = new Set([...rest.present, ...to]);
        const again = planContent({ ...rest, here: rest.here || from.length > 0, present, wantedBy });
        expect(again).toEqual({ from: [], to: [] });
      }),
    );
  });
});

describe('what changes of the git-annex branch mean', () => {
  const key = 'SHA256E-s3--2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae.txt' as Key;
  const strange = 'URL--http&c%%example.com%a' as Key;

  it('lists the keys whose locations changed', () => {
    const paths = [key, strange].map(locationLogPath);
    expect(readBranchChanges(paths)).toEqual({ kind: 'keys', keys: new Set([key, strange]) });
  });

  it('passes over logs that do not say where content is or belongs', () => {
    const paths = [
      'uuid.log',
      'activity.log',
      'schedule.log',
      keyLogPath(key, 'web'),
      keyLogPath(key, 'metadata'),
    ];
    expect(readBranchChanges(paths as ByteString[])).toEqual({ kind: 'keys', keys: new Set() });
  });

  it.each([
    'trust.log',
    'group.log',
    'preferred-content.log',
    'numcopies.log',
    'remote.log',
    'config.log',
    'transitions.log',
    'something/new.log',
    'aaa/bbb/ccc/deep.log',
    '',
  ])('wants everything looked at for %j', (path) => {
    expect(readBranchChanges([locationLogPath(key), path as ByteString])).toEqual({ kind: 'rules' });
  });
});
