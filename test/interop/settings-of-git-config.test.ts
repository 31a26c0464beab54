import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createScene, type Scene } from '../support/scene.js';
import { createTwins, type Twins } from '../support/twins.js';

let scene: Scene;
let twins: Twins;

beforeAll(() => {
  scene = createScene();
  scene.create('start/a');
  twins = createTwins(scene, 'start', 'twins');
});
afterAll(() => scene.remove());

const config = (name: string, value: string) =>
  twins.both('a', (repository) => void repository.git('config', name, value));

it('annex.addsmallfiles: small files and dotfiles are passed over', () => {
  twins.both('a', (repository) => {
    repository.write('small', 'small\n');
    repository.write('.dot', 'dot\n');
  });
  config('annex.largefiles', 'nothing');
  config('annex.addsmallfiles', 'false');
  twins.same('a', ['add', 'small', '.dot']);
  expect(twins.ours('a').git('ls-files')).toBe('');
  config('annex.largefiles', 'anything');
});

it('annex.genmetadata: the date of a file becomes metadata', () => {
  config('annex.genmetadata', 'true');
  twins.both('a', (repository) => {
    repository.write('dated', 'dated\n');
    utimesSync(join(repository.path, 'dated'), 1_583_298_367, 1_583_298_367);
  });
  twins.same('a', ['add', 'dated']);
  const dates = (repository: 'ours' | 'real') =>
    twins[repository]('a')
      .must('real', 'metadata', 'dated')
      .match(/^ {2}(year|month|day)=.*/gm);
  expect(dates('ours')).toEqual(['  day=4', '  month=3', '  year=2020']);
  expect(dates('ours')).toEqual(dates('real'));
});

it('annex.skipunknown: what git does not know is passed over, what is not there is not', () => {
  config('annex.skipunknown', 'true');
  twins.both('a', (repository) => repository.write('unknown', 'unknown\n'));
  twins.same('a', ['whereis', 'unknown', 'dated']);
  twins.same('a', ['whereis', 'nosuch', 'dated']);
});
