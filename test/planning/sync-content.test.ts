import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyLogPath, locationLogPath } from '../../src/domain/hash-directories.js';
import type { Key } from '../../src/domain/key.js';
import type { Uuid } from '../../src/domain/uuid.js';
import type { ByteString } from '../../src/lib/bytes.js';
import {
  canBeSent,
  decideDrop,
  placesToGetFrom,
  readBranchChanges,
} from '../../src/planning/sync-content.js';

const uuids = ['a', 'b', 'c', 'd'] as Uuid[];
const someUuids = fc.uniqueArray(fc.constantFrom(...uuids));

describe('what could be moved', () => {
  const facts = fc.record({ here: fc.boolean(), present: someUuids.map((list) => new Set(list)) });

  it('is got only when it is missing, from those that have it or may have anything, in their order', () => {
    fc.assert(
      fc.property(facts, someUuids, someUuids, (content, sources, any) => {
        const having = sources.filter((uuid) => content.present.has(uuid) || any.includes(uuid));
        expect(placesToGetFrom(content, sources, new Set(any))).toEqual(content.here ? [] : having);
      }),
    );
  });

  it('is sent only where it is missing, and only when it is here', () => {
    fc.assert(
      fc.property(facts, fc.constantFrom(...uuids), (content, to) => {
        expect(canBeSent(content, to)).toBe(content.here && !content.present.has(to));
      }),
    );
  });
});

describe('what is dropped', () => {
  const question = { wanted: false, required: false, others: 2, numcopies: 2, returns: false };
  it.each([
    [{}, 'drop'],
    [{ wanted: true }, 'wanted'],
    [{ required: true }, 'required'],
    [{ others: 1 }, 'numcopies'],
    [{ others: 0, numcopies: 0 }, 'numcopies'],
    [{ returns: true }, 'returns'],
    [{ wanted: true, required: true, others: 0, returns: true }, 'wanted'],
    [{ required: true, others: 0 }, 'required'],
  ] as const)('%j: %s', (change, verdict) => {
    expect(decideDrop({ ...question, ...change })).toBe(verdict);
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
    const paths = ['uuid.log', 'activity.log', 'schedule.log', keyLogPath(key, 'chunks')];
    expect(readBranchChanges(paths as ByteString[])).toEqual({ kind: 'keys', keys: new Set() });
  });

  it('lists keys whose metadata or urls changed, which preferred content may ask for', () => {
    const paths = [keyLogPath(key, 'metadata'), keyLogPath(strange, 'web')];
    expect(readBranchChanges(paths)).toEqual({ kind: 'keys', keys: new Set([key, strange]) });
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
