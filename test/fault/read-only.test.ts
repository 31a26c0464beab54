import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { censusOf, keyFor, listing } from '../support/census.js';
import { expectSound } from '../support/judge.js';
import { type Mount, mountReadOnly } from '../support/mounts.js';
import { copyPair, makePair } from '../support/pair.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { locationsOf, shown } from '../support/twins.js';

let scene: Scene;
let here: Repository;
let origin: Repository;
let mount: Mount | undefined;
let count = 0;

beforeAll(() => {
  scene = createScene({ resident: true });
  makePair(scene, ['one', 'two', 'three'], ['one', 'two']);
});
afterAll(() => scene.remove());
beforeEach(() => {
  ({ here, origin } = copyPair(scene, `case-${count++}`));
});
afterEach(() => mount?.unmount());

const noTrace = /^\s+at /m;

describe('a read-only repository', () => {
  beforeEach(() => {
    here.write('new', 'new\n');
    here.git('status', '--porcelain');
    mount = mountReadOnly(here.path);
  });

  test.each(
    [
      ['whereis'],
      ['whereis', '--json'],
      ['find'],
      ['find', '--json', '--in', 'origin'],
      ['lookupkey', 'one'],
      ['contentlocation', keyFor('one\n')],
      ['numcopies'],
      ['find', '--lackingcopies', '1'],
    ].map((args) => ({ args, line: args.join(' ') })),
  )('can be asked: $line', ({ args }) => {
    const { status, stdout } = here.ours(...args);
    const real = here.real(...args);
    expect({ status, stdout }).toEqual({ status: real.status, stdout: real.stdout });
  });

  test.each(
    [
      ['add', 'new'],
      ['get', 'three'],
      ['drop', 'one'],
      ['move', '--from', 'origin', 'three'],
      ['numcopies', '2'],
      ['describe', 'here', 'x'],
      ['setpresentkey', keyFor('one\n'), '11111111-2222-4333-8444-555555555555', '1'],
      ['sync'],
    ].map((args) => ({ args, line: args.join(' ') })),
  )('fails honestly: $line', ({ args }) => {
    const before = listing(here.path);
    const originBefore = censusOf(origin);
    const { status, stdout, stderr } = here.ours(...args);
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(/read-?only/i);
    expect(stdout + stderr).not.toMatch(noTrace);
    expect(listing(here.path)).toEqual(before);
    expect(censusOf(origin)).toEqual(originBefore);
    mount?.unmount();
    here.must('ours', 'add', 'new');
    here.git('commit', '-qm', 'new');
    expectSound(here);
    expectSound(origin);
  });
});

describe('a read-only remote', () => {
  beforeEach(() => {
    mount = mountReadOnly(origin.path);
  });

  test('can be read from, as by git-annex', () => {
    const ours = shown(here.ours('get', 'three'));
    here.must('real', 'drop', '--quiet', '--force', 'three');
    const real = shown(here.real('get', 'three'));
    expect({ status: ours.status, stdout: ours.stdout }).toEqual({
      status: real.status,
      stdout: real.stdout,
    });
    expectSound(here);
  });

  test('takes nothing, loses nothing, and nothing false is recorded', () => {
    const before = listing(origin.path);
    here.must('real', 'add', '--quiet', ...wrote(here, 'new', 'new\n'));
    here.git('commit', '-qm', 'new');
    for (const args of [
      ['copy', '--to', 'origin', 'new'],
      ['move', '--to', 'origin', 'new'],
      ['drop', '--from', 'origin', 'one'],
      ['move', '--from', 'origin', 'one'],
      ['push'],
      ['sync', '--content'],
    ]) {
      const { status, stdout, stderr } = here.ours(...args);
      expect(status, `${args}`).toBe(1);
      expect(stdout + stderr, `${args}`).not.toMatch(noTrace);
    }
    expect(listing(origin.path)).toEqual(before);
    expect(censusOf(here).intact).toContain(keyFor('new\n'));
    expect(locationsOf(here).get(keyFor('new\n'))).toEqual([here.git('config', 'annex.uuid')]);
    expect(locationsOf(here).get(keyFor('one\n'))).toContain(origin.git('config', 'annex.uuid'));
    mount?.unmount();
    here.must('ours', 'sync', '--content');
    expectSound(here);
    expectSound(origin);
    expect(censusOf(origin).intact).toContain(keyFor('new\n'));
  });
});

function wrote(repository: Repository, name: string, content: string): string[] {
  repository.write(name, content);
  return [name];
}
