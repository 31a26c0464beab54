import { describe, expect, it } from 'vitest';
import type { ByteString } from '../../src/lib/bytes.js';
import { type PushFacts, planPush, type RemoteBranch, syncedRefspec } from '../../src/planning/sync-push.js';

const main = 'main' as ByteString;
const absent: RemoteBranch = { exists: false, containsOurs: false, contained: true };
const behind: RemoteBranch = { exists: true, containsOurs: false, contained: true };
const same: RemoteBranch = { exists: true, containsOurs: true, contained: true };
const ahead: RemoteBranch = { exists: true, containsOurs: true, contained: false };
const diverged: RemoteBranch = { exists: true, containsOurs: false, contained: false };

const inStep: PushFacts = {
  branch: main,
  direct: same,
  synced: absent,
  takesDirect: true,
  annex: same,
  syncedAnnex: same,
  hasAnnex: true,
};
const pushed = (facts: Partial<PushFacts>) => planPush({ ...inStep, ...facts });

describe('what to push', () => {
  it.each([
    ['in step', {}],
    ['ahead of us', { direct: ahead, annex: ahead }],
    ['our branch waits at its drop point', { direct: behind, synced: same, takesDirect: undefined }],
    ['the git-annex branch waits at its drop point', { annex: behind, syncedAnnex: same }],
    ['we have no branches', { branch: undefined, hasAnnex: false, annex: absent, syncedAnnex: absent }],
  ] satisfies [string, Partial<PushFacts>][])('nothing: %s', (_, facts) => {
    expect(pushed(facts)).toEqual({ refspecs: [], blocked: false });
  });

  it.each([
    ['the remote lacks it', { direct: absent }],
    ['the remote is behind', { direct: behind }],
    ['only trying tells whether it is taken', { direct: behind, takesDirect: undefined }],
    ['it waits at a drop point nobody merges', { direct: behind, synced: same }],
  ] satisfies [string, Partial<PushFacts>][])('the branch itself: %s', (_, facts) => {
    expect(pushed(facts)).toEqual({ refspecs: ['refs/heads/main:refs/heads/main'], blocked: false });
  });

  it.each([
    ['the branch is checked out there', { direct: behind, takesDirect: false }],
    ['the remote has what we could not merge', { direct: diverged }],
  ] satisfies [string, Partial<PushFacts>][])('the drop point: %s', (_, facts) => {
    expect(pushed(facts)).toEqual({ refspecs: [syncedRefspec(main)], blocked: false });
  });

  it('nothing but a complaint when neither would take it', () => {
    expect(pushed({ direct: diverged, synced: diverged })).toEqual({ refspecs: [], blocked: true });
  });

  it('the git-annex branch to its drop point, and directly only where there is none', () => {
    const synced = '+refs/heads/git-annex:refs/heads/synced/git-annex';
    expect(pushed({ annex: behind, syncedAnnex: absent }).refspecs).toEqual([synced]);
    expect(pushed({ annex: diverged, syncedAnnex: diverged }).refspecs).toEqual([synced]);
    expect(pushed({ annex: absent, syncedAnnex: absent }).refspecs).toEqual([
      synced,
      'refs/heads/git-annex:refs/heads/git-annex',
    ]);
  });
});
