import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import { toPath } from '../../../src/lib/buffers.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { makeContent } from '../../../src/operations/testremote/contents.js';
import { planGroups } from '../../../src/operations/testremote/plan-groups.js';
import { runSuite } from '../../../src/operations/testremote/run-suite.js';
import type { CaseResult } from '../../../src/operations/testremote/suite.js';
import { openScratchAnnex, type ScratchAnnex } from '../../../src/operations/testremote/scratch-annex.js';
import { createLocalGitRemote } from '../../../src/remotes/local-git/local-git-remote.js';
import type { Remote } from '../../../src/remotes/remote.js';
import type { Repository } from '../../../src/repository/repository.js';
import { createSandbox, type Sandbox } from '../../support/annex-repository.js';
import { type breakages, broken, discard } from '../../support/broken-remotes.js';

let sandbox: Sandbox;
let here: Repository;
let there: Repository;
let scratch: ScratchAnnex;

vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  sandbox = createSandbox();
  here = await openRepository(sandbox.annex('here') as ByteString);
  there = await openRepository(sandbox.annex('there') as ByteString);
  scratch = openScratchAnnex(here, there.uuid);
  mkdirSync(join(sandbox.directory, 'contents'));
});

afterAll(async () => {
  scratch.remove();
  await here.close();
  await there.close();
  sandbox.remove();
});

/** Runs the whole suite, or the part whose paths hold the text. */
async function testOn(breakage: keyof typeof breakages | undefined, part = '', timeout = 60_000) {
  const results: CaseResult[] = [];
  const keys: Key[] = [];
  const openRemote = async (): Promise<Remote> => {
    const identity = { name: 'there' as ByteString, uuid: there.uuid, cost: 100, readonly: false };
    const path = there.location.workTree as ByteString;
    const options = { identity, path, here: scratch.repository, verify: true, openRepository };
    const remote = createLocalGitRemote(options);
    return breakage === undefined ? remote : broken(breakage, { remote, here: scratch.repository, there });
  };
  const ended = await runSuite({
    groups: planGroups({ size: 3000, fast: true, existing: undefined, unavailable: false, isCluster: false }),
    wanted: (path) => path.includes(part),
    openRemote,
    unavailable: undefined,
    here: scratch.repository,
    makeContent: (plan) => makeContent(join(sandbox.directory, 'contents') as ByteString, plan),
    noteKeys: (more) => keys.push(...more),
    forgetContent: ({ original }) => rmSync(toPath(original)),
    timeout,
    signal: new AbortController().signal,
    onGroup: () => undefined,
    onResult: (result) => results.push(result),
  }).catch((error: Error) => error);
  const left = keys.filter((key) => there.objects.locate(key) !== undefined);
  for (const key of left) discard(there, key);
  const failures = results.flatMap(({ name, failure }) => (failure ? [{ name, ...failure }] : []));
  return { results, failures, left, ended };
}

/** What is broken, the part of the suite to run, and which cases must fail with which words. */
const KEY = 'key size Just 3000; remote';
const expected: readonly [keyof typeof breakages, string, readonly (readonly [string, RegExp])[]][] = [
  ['corrupts what it gives', KEY, [['fsck downloaded object', /byte 15\d\d is another/]]],
  ['truncates what it gives', KEY, [['fsck downloaded object', /1500 bytes instead of 3000/]]],
  ['corrupts what it stores', KEY, [['retrieveKeyFile', /verification of content failed/]]],
  ['truncates what it stores', KEY, [['retrieveKeyFile', /verification of content failed/]]],
  [
    'always says present',
    KEY,
    [
      ['present False', /there, although it was never stored/],
      ['clean up', /may be left on the remote:\nSHA256E-s3000--.*: it is still there/],
    ],
  ],
  ['always says absent', KEY, [['present True', /not there, although it was stored/]]],
  [
    'forgets what it stores',
    KEY,
    [
      ['present True', /not there/],
      ['retrieveKeyFile', /not present/],
    ],
  ],
  ['forgets, and lies about it', KEY, [['retrieveKeyFile', /not present/]]],
  ['says it gave what it did not', KEY, [['fsck downloaded object', /nothing arrived/]]],
  [
    'says it gave what it did not',
    'interruptions',
    [['retrieveKeyFile when not present', /although the remote cannot have it/]],
  ],
  [
    'removes nothing',
    KEY,
    [
      ['present False', /there, although/],
      ['clean up', /still there/],
    ],
  ],
  ['locks what is not there', 'locks', [['lockContent when not present', /locked a content/]]],
  ['locks in name only', 'locks', [['removeKey while locked', /not there, although it was stored/]]],
  ['never locks', 'locks', [['lockContent when present', /not there to be locked/]]],
  ['does not look at proofs', 'locks', [['removeKey with an expired proof', /proof .* had expired/]]],
  [
    'resumes at the wrong place',
    KEY,
    [
      ['fsck downloaded object', /4000 bytes instead of 3000/],
      ['fsck downloaded object', /6000 bytes instead of 3000/],
    ],
  ],
  ['reports more progress than there is', KEY, [['storeKey', /progress of 6000 bytes, of 3000/]]],
  ['reports progress that goes back', KEY, [['retrieveKeyFile', /3000 bytes, and then of 2999/]]],
  ['reports progress that never ends', KEY, [['storeKey', /last progress .* 1500 of 3000/]]],
  ['answers twice', 'unusual keys', [['present False', /answered twice for one key/]]],
  ['loses an answer', 'unusual keys', [['present True', /1 of 2 keys/]]],
  ['mixes up answers', 'unusual keys', [['storeKey of every other one', /not there, although/]]],
  ['crashes', KEY, [['retrieveKeyFile', /Exception: undefined is not a function/]]],
];

describe('a broken remote', () => {
  it.each(expected)('that %s is found out (%s)', async (breakage, part, findings) => {
    const { failures } = await testOn(breakage, part);
    for (const [name, words] of findings) {
      expect(failures).toContainEqual(expect.objectContaining({ name, text: expect.stringMatching(words) }));
    }
  });

  it('that keeps silent fails each case in time, and is not asked for ever', async () => {
    const { failures, ended, left } = await testOn('does not answer about presence', KEY, 500);
    expect(failures[0]).toMatchObject({
      name: 'present False',
      text: 'it did not answer within 0.5 seconds',
    });
    expect(failures[0]?.hung).toBe(true);
    expect(ended).toMatchObject({ code: 'remote-unavailable' });
    expect(left).toEqual([]);
  });

  it('that stops while storing fails, and leaves no lock behind', async () => {
    const { failures, left } = await testOn('stops in the middle of storing', KEY, 500);
    expect(failures).toContainEqual(expect.objectContaining({ name: 'storeKey', hung: true }));
    expect(left).toEqual([]);
  });
});

describe('a good remote', () => {
  it('passes it all, and keeps nothing', async () => {
    const { results, failures, left } = await testOn(undefined);
    expect(failures).toEqual([]);
    expect(results.length).toBeGreaterThan(60);
    expect(left).toEqual([]);
  });

  it('passes each case also without those before', async () => {
    const { results, failures } = await testOn(undefined, 'resume from 33%');
    expect(failures).toEqual([]);
    expect(new Set(results.map(({ name }) => name))).toEqual(new Set(['retrieveKeyFile resume from 33%']));
  });
});
