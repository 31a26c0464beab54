import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogTwins } from '../support/log-twins.js';
import { createQueryRepositories, DEAD, journal, TRUSTED, UNTRUSTED } from '../support/query-scene.js';
import { createScene, type Scene } from '../support/scene.js';

const SPECIAL = '44444444-1111-4000-8000-0000000000e4';
const SECOND = '55555555-1111-4000-8000-0000000000e5';

let scene: Scene;
beforeAll(() => {
  scene = createScene({ resident: true });
  createQueryRepositories(scene, 'base');
  const here = scene.repository('base/here');
  const now = Math.floor(Date.now() / 1000);
  journal(here, 'activity.log', [
    `${DEAD} Fsck timestamp=${now - 36_000}s\n`,
    `${TRUSTED} Fsck timestamp=${now - 70 * 86_400 - 7200}s\n`,
    `${UNTRUSTED} Fsck timestamp=${now - 36_000}s\n`,
  ]);
  journal(here, 'remote.log', [
    `${SPECIAL} encryption=none name=phone type=directory timestamp=1s\n`,
    `${SECOND} encryption=none name=two&32;words type=directory timestamp=1s\n`,
  ]);
  here.must('real', 'merge', '--quiet');
});
afterAll(() => scene.remove());

test('repositories that were not active expire', () => {
  const { same, ours } = createLogTwins(scene, 'base', 'here');
  same(['expire', '60d', '--no-act', '--json']);
  same(['expire', 'nosuch:1d']);
  same(['expire', 'foo']);
  same(['expire']);
  same(['expire', '60d', 'trusted one:never', '--activity=Fsck']);
  same(['expire', '60d']);
  // git-annex expires those that were never active even then.
  ours.must('ours', 'semitrust', 'b');
  expect(ours.must('ours', 'expire', 'never')).not.toMatch(/^expire/m);
  expect(ours.must('ours', 'expire', 'here:1d')).toBe('');
}, 120_000);

test('special remotes are renamed', () => {
  const { same } = createLogTwins(scene, 'base', 'here');
  same(['renameremote', 'phone', 'lost phone']);
  same(['renameremote', 'two words', 'lost phone']);
  same(['renameremote', 'two words', 'phone']);
  same(['renameremote', 'nosuch', 'x']);
  same(['renameremote', 'b', 'x']);
  same(['renameremote', 'phone']);
}, 120_000);

test('a repository takes the uuid of another', () => {
  for (const who of ['real', 'ours'] as const) scene.clone('base/here', `again-${who}`, { by: 'none' });
  const [real, ours] = [scene.repository('again-real'), scene.repository('again-ours')];
  const uuid = (of: typeof ours) => of.git('config', 'annex.uuid');
  for (const words of [['trusted', 'one'], ['no such'], [SPECIAL], ['untr \xc3\xa9 desc', '--json']]) {
    const theirs = real.real('reinit', ...words);
    const mine = ours.ours('reinit', ...words);
    expect(mine.status, words.join(' ')).toBe(theirs.status);
    expect(mine.stderr.replaceAll('git-annex-ts', 'git-annex')).toBe(theirs.stderr);
    expect(uuid(ours)).toBe(uuid(real));
  }
  expect(ours.must('real', 'info', '--fast')).toContain(`${UNTRUSTED} -- untr \xc3\xa9 desc [here]`);
  expect(ours.ours('reinit').status).toBe(1);
}, 120_000);
