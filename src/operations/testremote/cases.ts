import { removeAll, proofFor } from './ask.js';
import { CaseFailure, type CaseScene, expect, type RemoteCase } from './case.js';
import { interruptedRetrieve, interruptedStore } from './interruptions.js';
import { expectSame, leaveDamaged, leavePartial, takeAway } from './local-side.js';
import { expectPresence, mustFail, remove, retrieve, retrieveAnew, store } from './steps.js';

/**
 * The checks of `testremote`, as data: they are also the conformance suite of every kind of `Remote`. Those with names of
 * git-annex check what its `testremote` checks.
 */

const changes = { readsOnly: false };
const absent = { given: 'absent', ...changes } as const;
const present = { given: 'present', readsOnly: true } as const;

const removeAbsent: RemoteCase = { name: 'removeKey when not present', ...absent, run: remove };
const presentFalse: RemoteCase = {
  name: 'present False',
  ...absent,
  run: (scene) => expectPresence(scene, 'absent'),
};
const storeKey: RemoteCase = { name: 'storeKey', ...absent, leaves: 'present', run: (scene) => store(scene) };
const presentTrue: RemoteCase = {
  name: 'present True',
  ...present,
  run: (scene) => expectPresence(scene, 'present'),
};
const storeAgain: RemoteCase = {
  name: 'storeKey when already present',
  ...present,
  ...changes,
  run: (scene) => store(scene),
};
const retrieveKeyFile: RemoteCase = { name: 'retrieveKeyFile', ...present, run: retrieveAnew };
const sameAsStored: RemoteCase = {
  name: 'fsck downloaded object',
  ...present,
  async run(scene) {
    const missing = scene.contents.some(({ key }) => scene.here.objects.locate(key) === undefined);
    if (missing) await retrieveAnew(scene);
    for (const content of scene.contents) expectSame(scene.here, content);
  },
};
const removePresent: RemoteCase = {
  name: 'removeKey when present',
  given: 'present',
  leaves: 'absent',
  ...changes,
  run: remove,
};

const resumes = (from: string, bytes: (size: number) => number): RemoteCase => ({
  name: `retrieveKeyFile resume from ${from}`,
  ...present,
  async run(scene) {
    for (const content of scene.contents) {
      await takeAway(scene.here, content);
      leavePartial(scene.here, content, bytes(content.size));
    }
    await retrieve(scene);
  },
});
const resumeCases = [
  resumes('0', () => 0),
  sameAsStored,
  resumes('33%', (size) => Math.floor(size / 3)),
  sameAsStored,
  resumes('end', (size) => size),
  sameAsStored,
];

/** The life of one content, exactly as git-annex tests it. */
export const keyCases: readonly RemoteCase[] = [
  removeAbsent,
  presentFalse,
  storeKey,
  presentTrue,
  storeAgain,
  presentTrue,
  retrieveKeyFile,
  sameAsStored,
  ...resumeCases,
  removePresent,
  presentFalse,
];

/** What may be done with a content on a remote that must not be changed. */
export const readOnlyCases: readonly RemoteCase[] = [
  presentTrue,
  retrieveKeyFile,
  sameAsStored,
  ...resumeCases,
];

const retrieveAbsent: RemoteCase = {
  name: 'retrieveKeyFile when not present',
  ...absent,
  async run(scene) {
    await mustFail(
      () => retrieveAnew(scene),
      'it said that the content was retrieved, although the remote cannot have it',
    );
    const arrived = scene.contents.some(({ key }) => scene.here.objects.locate(key) !== undefined);
    expect(!arrived, 'it put something into the local store, although the remote cannot have the content');
  },
};

/** Uploads and downloads that stop on the way, and remains that are of no use. */
export const interruptionCases: readonly RemoteCase[] = [
  retrieveAbsent,
  {
    name: 'storeKey after an interruption',
    ...absent,
    leaves: 'present',
    run: (scene) => interruptedStore(scene),
  },
  presentTrue,
  { name: 'retrieveKeyFile after an interruption', ...present, run: interruptedRetrieve },
  sameAsStored,
  {
    name: 'retrieveKeyFile after a damaged download',
    ...present,
    async run(scene) {
      for (const content of scene.contents) {
        await takeAway(scene.here, content);
        leaveDamaged(scene.here, content);
      }
      // The first attempt may fail over it, once it has found out.
      await retrieve(scene, { mayRestart: true }).catch(() => retrieve(scene, { mayRestart: true }));
    },
  },
  sameAsStored,
  removePresent,
  presentFalse,
];

async function lockPresent(scene: CaseScene): Promise<void> {
  for (const { key } of scene.contents) {
    const lock = await scene.remote.lockContent(key);
    if (lock === undefined) throw new CaseFailure('it said that the content is not there to be locked');
    if (lock instanceof Error) throw lock;
    await lock.release();
  }
}

/** The lock is held while the content is to be removed. */
async function removeLocked(scene: CaseScene): Promise<void> {
  for (const content of scene.contents) {
    const lock = await scene.remote.lockContent(content.key);
    if (lock === undefined || lock instanceof Error) throw lock ?? new CaseFailure('it could not be locked');
    try {
      const one = { ...scene, contents: [content] };
      // To wait for the lock is as safe as to refuse; so whoever waits is not waited for.
      const signal = AbortSignal.any([scene.signal, AbortSignal.timeout(PATIENCE_MS)]);
      const answer = await removeAll(one, one.contents, signal).catch(() => undefined);
      await expectPresence(one, 'present');
      expect(answer === undefined || answer.get(content.key) !== undefined, 'it said that it was removed');
    } finally {
      await lock.release();
    }
  }
}

const PATIENCE_MS = 5000;

/** Locks, and proofs that a content may go. */
export const lockCases: readonly RemoteCase[] = [
  {
    name: 'lockContent when not present',
    ...absent,
    async run(scene) {
      for (const { key } of scene.contents) {
        const lock = await scene.remote.lockContent(key);
        if (lock === undefined || lock instanceof Error) continue;
        await lock.release();
        throw new CaseFailure('it locked a content that the remote cannot have');
      }
    },
  },
  storeKey,
  { name: 'lockContent when present', ...present, ...changes, run: lockPresent },
  { name: 'removeKey with an expired proof', ...present, ...changes, run: removeExpired },
  presentTrue,
  { name: 'removeKey while locked', ...present, ...changes, run: removeLocked },
  removePresent,
  presentFalse,
];

const locking: readonly RemoteCase['run'][] = [lockPresent, removeLocked];

/** Those of them for a remote that locks nothing. */
export const proofCases: readonly RemoteCase[] = lockCases.filter(({ run }) => !locking.includes(run));

async function removeExpired(scene: CaseScene): Promise<void> {
  const expired = performance.now() - 1;
  await mustFail(async () => {
    const answers = await removeAll(scene, scene.contents, scene.signal, (key) =>
      proofFor(scene, key, expired),
    );
    for (const error of answers.values()) if (error !== undefined) throw error;
  }, 'it removed the content, although the proof that other copies exist had expired');
}

/** Many contents in one stream: answers must not be mixed up. */
export const manyCases: readonly RemoteCase[] = [
  removeAbsent,
  presentFalse,
  {
    name: 'storeKey of every other one',
    ...absent,
    leaves: 'present',
    async run(scene) {
      const half = scene.contents.filter((_, i) => i % 2 === 0);
      await store({ ...scene, contents: half });
      await expectPresence(scene, (content) => (half.includes(content) ? 'present' : 'absent'));
    },
  },
  { ...storeKey, given: 'present' },
  presentTrue,
  retrieveKeyFile,
  sameAsStored,
  removePresent,
  presentFalse,
];

const refuses = (name: string, work: (scene: CaseScene) => Promise<unknown>): RemoteCase => ({
  name,
  ...absent,
  run: (scene) => mustFail(() => work(scene), 'it answered as if it could be reached'),
});

/** For a remote of the same kind that can't be reached. The names are git-annex's, but for the last. */
export const unavailableCases: readonly RemoteCase[] = [
  refuses('removeKey', remove),
  refuses('storeKey', (scene) => store(scene)),
  refuses('checkPresent', (scene) => expectPresence(scene, 'absent')),
  refuses('retrieveKeyFile', retrieveAnew),
  refuses('lockContent', lockPresent),
];
