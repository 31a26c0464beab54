import { afterAll, beforeAll, expect, test } from 'vitest';
import { createQueryRepositories, sameAnswer } from '../support/query-scene.js';
import { createScene, type Scene } from '../support/scene.js';

let scene: Scene;
let key: string;
beforeAll(() => {
  scene = createScene({ resident: true });
  createQueryRepositories(scene, 'base');
  key = scene.repository('base/here').must('real', 'lookupkey', 'f').trim();
});
afterAll(() => scene.remove());

test.each([
  ['include=*.png and largerthan=1mb', '--file=foo.png', '--size=10mb'],
  ['include=*.png and largerthan=1mb', '--file=foo.gif', '--size=10mb'],
  ['include=y or copies=1', '--file=x'],
  ['include=y and copies=1', '--file=x'],
  ['copies=1 and not copies=9', '--key=KEY'],
  ['copies=1 or include=x', '--file=x'],
  ['largerthan=2', '--key=KEY', '--size=1'],
  ['largerthan=2', '--key=WORM--x'],
  ['bad foo', '--file=x'],
  ['present and inpreferreddir', '--key=KEY', '--file=a/public/b'],
  ['inpreferreddir'],
  ['not present or anything', '--key=KEY', '--explain'],
  ['mimetype=text/* and mimeencoding=binary', '--largefiles', '--mimetype=text/plain'],
  ['mimetype=text/*', '--mimetype=text/plain'],
  ['mimetype=text/* and not mimeencoding=b*', '--largefiles', '--mimetype=text/x', '--mimeencoding=utf-8'],
  ['standard and not nothing', '--explain'],
  ['include=y or (largerthan=5 and not smallerthan=3)', '--file=x', '--size=9', '--explain'],
  ['(', '--explain'],
  ['not', '--explain'],
  ['', '--explain'],
])('matchexpression %j', (...args) => {
  const words = args.flatMap((word) => (word === undefined ? [] : [word.replace('KEY', key)]));
  sameAnswer(scene, ['matchexpression', ...words], scene.path('base', 'here'));
});

test('matchexpression refuses sizes and keys that make no sense', () => {
  const here = scene.repository('base/here');
  for (const option of ['--size=foo', '--key=foo']) {
    const { status, stderr } = here.ours('matchexpression', 'anything', option);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`option ${option.slice(0, -4)}: `)]);
  }
});
