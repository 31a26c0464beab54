import { unlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLockstep, type Lockstep } from '../support/lockstep.js';
import { createScene, type Scene } from '../support/scene.js';

let scene: Scene;
let pair: Lockstep;

beforeAll(() => {
  scene = createScene({ resident: true });
  const here = scene.create('base/here');
  for (const name of ['f1', 'f2', 'd/g', 'd/h']) here.write(name, `content of ${name}\n`);
  here.must('real', 'add', '-q', '.');
  here.write('plain', 'plain');
  here.git('-c', 'annex.largefiles=nothing', 'add', 'plain');
  here.git('commit', '-qm', 'files');
  pair = createLockstep(scene, 'base', 't', 'here');
}, 60_000);
afterAll(() => scene.remove());

test('metadata is set and shown as by git-annex', () => {
  for (const args of [
    ['-s', 'foo=bar', '-s', 'Foo+=b az', '-t', 'one', '-t', '!two', 'f1'],
    ['-s', 'foo?=xx', '-s', 'new?=val', '-s', 'foo-=bar', '-s', 'a\xc3\xb1o=\xc3\xb1\n=', '--json', 'f1'],
    ['-s', 'noequal', '-s', 'x=1', '-s', 'x=2', '-s', 'x+=3', '-r', 'new', '-u', 'one', 'f1'],
    ['-s', 'x=1', '-s', 'x-=1', '-s', 'y-=1', '-s', 'y=1', 'f1'],
    ['--json'],
    ['-t', 'q', 'd/g', 'f2', '-s', 'lastchanged-x=1'],
    ['-t', 'q', 'd'],
    ['-t', 'q', 'd', '--force', '-q'],
    ['-t', 'q'],
    ['--all', '-t', 'all', '-s', 'tag+=x', '-q'],
    ['-g', 'TAG', 'd', 'f1'],
    ['-g', 'a/b', 'f1'],
    ['-s', 'a b=1', 'f1'],
    ['-s', '=1', 'f1'],
    ['-t', 'q', 'plain'],
    ['-t', 'q', 'nosuch'],
    ['--remove-all', '-t', 'last', 'f1'],
    ['--branch=HEAD'],
    ['--batch'],
    ['--batch', '--json', 'f1'],
  ]) {
    pair.same(['metadata', ...args]);
  }
  pair.agree();
});

test('batches of JSON read and change metadata', () => {
  const key = pair.real.must('real', 'lookupkey', 'f1').trim();
  const lines = [
    { file: 'f1' },
    { file: 'nosuch' },
    { file: 'plain' },
    { file: 'f2', fields: { author: ['bar', 'b2'], 'author-lastchanged': ['2020'], lastchanged: ['x'] } },
    { file: 'f2', fields: { author: ['bar'], Tag: [] } },
    { key, fields: { tag: [], e: [''] } },
    { file: 'f2', fields: { author: [] } },
  ].map((line) => `${JSON.stringify(line)}\n`);
  pair.same(['metadata', '--batch', '--json'], { input: lines.join('') });
  pair.agree();
  for (const bad of [
    'garbage',
    '{}',
    '{"file":1}',
    '{"file":"f1","fields":{"a/b":["x"]}}',
    '{"key":"bad"}',
    '',
  ]) {
    const { real, ours } = pair.step(['metadata', '--batch', '--json'], { input: `${bad}\n` });
    expect(ours.status).toBe(real.status);
    expect(ours.stderr).toContain('Batch input parse failure: ');
  }
});

test('a new version of a file has the metadata of the version before', () => {
  pair.same(['metadata', 'f2', '-s', 'author=me', '-q']);
  pair.both((repository) => {
    unlinkSync(repository.file('f2'));
    repository.write('f2', 'another version\n');
    repository.write('f3', 'new\n');
  });
  const { real, ours } = pair.step(['add', 'f2', 'f3']);
  expect(ours.stderr).toBe(real.stderr);
  pair.same(['metadata', 'f2', 'f3']);
  pair.agree();
});
