import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogTwins } from '../support/log-twins.js';
import { createQueryRepositories } from '../support/query-scene.js';
import { createScene, type Scene } from '../support/scene.js';

let scene: Scene;
beforeAll(() => {
  scene = createScene({ resident: true });
  createQueryRepositories(scene, 'base');
});
afterAll(() => scene.remove());

describe('expressions', () => {
  test('wanted and required', () => {
    const { same, sameLogs } = createLogTwins(scene, 'base', 'here');
    same(['required', 'here', 'present']);
    same(['required', 'here']);
    for (const words of [
      ['here', 'include=*.mp3 or include=*.ogg'],
      ['here'],
      ['b', 'include=\xc3\xa9'],
      ['here', 'bad('],
      ['here', 'largerthan=x and copies=y'],
      ['here', ''],
      ['here', 'present', 'extra'],
      ['b'],
      [],
    ]) {
      same(['wanted', ...words]);
    }
    const unstable = sameLogs(['wanted', 'here', 'include=a and not present']);
    expect(unstable.stderr).toContain('"not present" has no stable answer');
  });

  test('groupwanted', () => {
    const { same, ours } = createLogTwins(scene, 'base', 'here');
    for (const words of [['g'], ['g', 'not (copies=g:3)'], ['g'], ['g', ''], ['g'], ['g', 'a', 'b'], []]) {
      same(['groupwanted', ...words]);
    }
    expect(ours.ours('groupwanted', 'two words', 'anything')).toMatchObject({ status: 1, stdout: '' });
  });

  test('an expression of several lines stays one line of the log', () => {
    const { ours } = createLogTwins(scene, 'base', 'here');
    ours.must('ours', 'wanted', 'here', 'present or\ninclude=a');
    expect(ours.must('real', 'wanted', 'here')).toBe('present or include=a\n');
  });
});

test('groups', () => {
  const { same } = createLogTwins(scene, 'base', 'here');
  for (const words of [
    ['group', 'here', 'x'],
    ['group', 'here', 'archive'],
    ['group', 'b', '\xc3\xa9'],
    ['group', 'b', 'two words'],
    ['group', 'here'],
    ['group', 'b'],
    ['group', '--list'],
    ['group'],
    ['group', 'nosuch', 'x'],
    ['ungroup', 'here', 'x'],
    ['ungroup', 'here', 'x'],
    ['ungroup', 'b', 'two'],
    ['group', '--list'],
  ]) {
    same(words);
  }
});

test('maxsize', () => {
  const { same, ours } = createLogTwins(scene, 'base', 'here');
  for (const words of [
    ['here'],
    ['here', '--json'],
    ['here', '1.05mb'],
    ['here'],
    ['here', '--bytes'],
    ['b', '1 kibibyte', '--json'],
    ['b'],
    ['b', 'foo'],
    ['b', '2'],
    [],
    ['--bytes'],
    ['--json'],
    ['b', '0'],
    [],
    ['here', '12345678901'],
    [],
    ['--bytes'],
  ]) {
    same(['maxsize', ...words]);
  }
  expect(ours.ours('maxsize', 'here', '--', '-5').stderr).toContain('Unable to parse size.');
});

test('schedule', () => {
  const { same } = createLogTwins(scene, 'base', 'here');
  same(['schedule', 'here', 'fsck b 1h every week at 16:30; fsck self 90 every day at any time']);
  same(['schedule', 'here']);
  same(['schedule', 'b']);
  same(['schedule', 'b', 'fsck self']);
  same(['schedule', 'nosuch']);
});
