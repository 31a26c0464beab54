import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { annexFolder, censusOf, keyFor, objectPath } from '../support/census.js';
import { expectAnnexSound, expectSound } from '../support/judge.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { createTwins, locationsOf, stateOf, type Twins } from '../support/twins.js';

const CONTENT = 'the good content\n';
const KEY = keyFor(CONTENT, '.txt');

let scene: Scene;
let twins: Twins;
let count = 0;
let here: Repository;
let origin: Repository;
let spare: Repository;

beforeAll(() => {
  scene = createScene({ resident: true });
  const first = scene.create('base/origin');
  first.write('file.txt', CONTENT);
  first.write('other', 'another\n');
  first.must('real', 'add', '--quiet', '.');
  first.git('commit', '-qm', 'files');
  for (const name of ['here', 'spare']) {
    scene.clone('base/origin', `base/${name}`).must('real', 'get', '--quiet', '.');
    scene.repository(`base/${name}`).must('real', 'sync', '--quiet');
  }
  scene.repository('base/here').git('remote', 'add', 'spare', '../spare');
  scene.repository('base/here').must('real', 'sync', '--quiet');
  first.must('real', 'merge', '--quiet');
});
afterAll(() => scene.remove());
beforeEach(() => {
  twins = createTwins(scene, 'base', `case-${count++}`);
  [here, origin, spare] = [twins.ours('here'), twins.ours('origin'), twins.ours('spare')];
});

/** Other bytes of the same length, or another length, in the object's place. */
function spoil(repository: Repository, how: 'bytes' | 'length' | 'longer' = 'bytes'): void {
  const path = objectPath(repository, KEY);
  if (path === undefined) throw new Error('no object');
  const modified = { bytes: CONTENT.toUpperCase(), length: 'the good', longer: `${CONTENT}and more` }[how];
  chmodSync(path, 0o644);
  writeFileSync(path, modified);
  chmodSync(path, 0o444);
}

describe('fsck', () => {
  test.each(['bytes', 'length', 'longer'] as const)(
    'moves an object with other %s to bad, records it, and get fetches it anew',
    (how) => {
      twins.both('here', (repository) => spoil(repository, how));
      twins.same('here', ['fsck', 'file.txt']);
      expect(readFileSync(join(annexFolder(here), 'bad', KEY), 'latin1')).not.toBe(CONTENT);
      expect(locationsOf(here).get(KEY)).not.toContain(here.git('config', 'annex.uuid'));
      twins.same('here', ['get', 'file.txt']);
      expect(readFileSync(here.file('file.txt'), 'latin1')).toBe(CONTENT);
      expectSound(here);
    },
  );

  test('--json, --fast and --all find what git-annex finds', () => {
    twins.both('here', (repository) => spoil(repository, 'length'));
    twins.same('here', ['fsck', '--fast', '--json', '--json-error-messages']);
    twins.both('origin', (repository) => spoil(repository));
    twins.same('origin', ['fsck', '--fast', '--json', '--json-error-messages']);
    twins.same('origin', ['fsck', '--all', '--json', '--json-error-messages']);
    expectSound(origin, { missingCopies: true });
  });

  test('--from finds it in the remote, which then loses its claim', () => {
    twins.both('origin', (repository) => spoil(repository));
    twins.same('here', ['fsck', '--from', 'origin', '--json']);
    expect(stateOf(origin)).toEqual(stateOf(twins.real('origin')));
    expect(censusOf(origin).damaged).toEqual([]);
    here.must('ours', 'copy', '--to', 'origin', 'file.txt');
    expectSound(origin);
    expectSound(here);
  });

  test('records what lies here without a log entry, and what is gone with one', () => {
    twins.both('here', (repository) => {
      const path = objectPath(repository, KEY);
      if (path === undefined) throw new Error('no object');
      chmodSync(dirname(path.toString()), 0o755);
      rmSync(path);
    });
    twins.same('here', ['fsck', '--json']);
    twins.both('here', (repository) => {
      const uuid = repository.git('config', 'annex.uuid');
      const folder = join(annexFolder(repository), 'objects', repository.real('contentlocation', KEY).stdout);
      expect(existsSync(folder)).toBe(true);
      repository.must('real', 'get', '--quiet', 'file.txt');
      repository.must('real', 'setpresentkey', KEY, uuid, '0');
    });
    twins.same('here', ['fsck']);
    expectSound(here);
  });

  test('says that nothing is left when the only copy is bad', () => {
    twins.both('here', (repository) => {
      repository.write('lone.txt', 'lone\n');
      repository.must('real', 'add', '--quiet', 'lone.txt');
      repository.git('commit', '-qm', 'lone');
      const path = objectPath(repository, keyFor('lone\n', '.txt'));
      if (path === undefined) throw new Error('no object');
      chmodSync(path, 0o644);
      truncateSync(path, 0);
    });
    const { status, stderr } = twins.same('here', ['fsck', 'lone.txt']);
    expect(status).toBe(1);
    expect(stderr).toContain('No known copies exist of lone.txt');
  });
});

describe('a corrupt object in a remote', () => {
  beforeEach(() => {
    here.must('real', 'drop', '--quiet', 'file.txt');
    here.git('config', 'remote.origin.annex-cost', '50');
    spoil(origin);
  });

  test('is not taken: get goes on to the next remote', () => {
    const { status } = here.ours('get', 'file.txt');
    expect(status).toBe(0);
    expect(readFileSync(here.file('file.txt'), 'latin1')).toBe(CONTENT);
    expectSound(here);
  });

  test('is not taken when it is the only source: nothing is recorded, nothing put in place', () => {
    here.git('remote', 'remove', 'spare');
    const ended = here.ours('get', 'file.txt');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/verification of content failed/i);
    expect(objectPath(here, KEY)).toBeUndefined();
    expect(censusOf(here)).toEqual({ intact: [keyFor('another\n')], damaged: [] });
    expectSound(here);
    expect(here.ours('move', '--from', 'origin', 'file.txt').status).toBe(1);
    expect(objectPath(origin, KEY), 'the source keeps what it has').toBeDefined();
    expect(objectPath(here, KEY)).toBeUndefined();
    expectSound(here);
  });

  test('that is repaired there is fetched by the next get', () => {
    here.git('remote', 'remove', 'spare');
    expect(here.ours('get', 'file.txt').status).toBe(1);
    origin.must('real', 'fsck', '--quiet', 'other');
    origin.real('fsck', '--quiet', 'file.txt');
    origin.git('remote', 'add', 'spare', '../spare');
    origin.must('real', 'get', '--quiet', 'file.txt');
    here.must('ours', 'get', 'file.txt');
    expectSound(here);
  });

  test('resumes over a spoilt part of an earlier try', () => {
    const part = join(annexFolder(here), 'tmp', KEY);
    mkdirSync(dirname(part), { recursive: true });
    writeFileSync(part, 'THE BAD');
    here.git('config', 'remote.origin.annex-ignore', 'true');
    const first = here.ours('get', 'file.txt');
    if (first.status !== 0) here.must('ours', 'get', 'file.txt');
    expect(readFileSync(here.file('file.txt'), 'latin1')).toBe(CONTENT);
    expect(existsSync(part)).toBe(false);
    expectSound(here);
  });
});

test('a corrupt object is not sent as good', () => {
  origin.must('real', 'drop', '--quiet', '--force', 'file.txt');
  here.must('real', 'sync', '--quiet');
  spoil(here);
  expect(here.ours('copy', '--to', 'origin', 'file.txt').status).toBe(1);
  expect(censusOf(origin)).toEqual({ intact: [keyFor('another\n')], damaged: [] });
  expectAnnexSound(origin, { missingCopies: true });
  expect(here.ours('move', '--to', 'origin', 'file.txt').status).toBe(1);
  expect(censusOf(origin).damaged).toEqual([]);
  expect(censusOf(spare).intact).toContain(KEY);
});
