import { existsSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyFor } from '../support/census.js';
import { createLockstep, type Lockstep } from '../support/lockstep.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let pair: Lockstep;
const key = (n: number, extension = '.txt') => keyFor(`content${n}\n`, extension);

beforeAll(() => {
  scene = createScene({ resident: true });
  const here = scene.create('base/here');
  for (const n of [1, 2, 3, 4, 5, 6, 7]) here.write(`f${n}.txt`, `content${n}\n`);
  here.must('real', 'add', '-q', '.');
  here.must('real', 'unlock', '-q', 'f6.txt');
  here.git('commit', '-qm', 'files');
  here.must('real', 'metadata', '-q', 'f1.txt', '-t', 'a');
  here.must('real', 'registerurl', '-q', key(1), 'http://example.com/1');
  pair = createLockstep(scene, 'base', 't', 'here');
}, 60_000);
afterAll(() => scene.remove());

/** A file outside of the work tree. */
const outside = (repository: Repository, name: string) => join(repository.path, '..', name);
const writeOutside = (name: string, content: string) =>
  pair.both((repository) => writeFileSync(outside(repository, name), content));
const isLeft = (name: string) => existsSync(outside(pair.ours, name));

test('reinject and setkey take contents that are right', () => {
  pair.both((repository) =>
    repository.must('real', 'drop', '-q', '--force', 'f1.txt', 'f2.txt', 'f3.txt', 'f4.txt'),
  );
  writeOutside('one', 'content1\n');
  writeOutside('two', 'wrong\n');
  writeOutside('three.txt', 'content3\n');
  writeOutside('unknown.txt', 'unknown\n');
  writeOutside(key(4), 'content4\n');
  pair.same(['reinject', '../one', 'f1.txt', '../two', 'f2.txt']);
  pair.same(['reinject', '--known', '../three.txt', '../unknown.txt', '../nosuch'].slice(0, 4));
  pair.same(['reinject', '--guesskeys', `../${key(4)}`, '../unknown.txt']);
  pair.same(['reinject', '--known', 'f5.txt']);
  expect(['one', 'two', 'three.txt', 'unknown.txt', key(4)].map(isLeft)).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
  writeOutside('two', 'content2\n');
  pair.same(['setkey', key(2), '../two']);
  expect(isLeft('two')).toBe(false);
  writeOutside('two', 'wrong\n');
  const bad = pair.ours.ours('setkey', key(5), '../two');
  expect(bad.status).toBe(1);
  expect(readFileSync(outside(pair.ours, 'two'), 'utf8')).toBe('wrong\n');
  pair.agree();
});

test('fromkey, rekey and urls', () => {
  for (const args of [
    ['fromkey', key(1), 'new/f1', key(1), 'f2.txt'],
    ['fromkey', 'WORM-s3--x', 'new/x'],
    ['fromkey', '--force', 'WORM-s3--x', 'new/x'],
    ['fromkey', '--force', 'http://example.com/q?a=b%20c', 'new/url', '-c', 'annex.addunlocked=true'],
    ['rekey', 'f3.txt', 'WORM-s9--three', 'f6.txt', 'WORM-s9--six'],
    ['rekey', 'new/x', 'WORM-s4--x'],
    ['rekey', 'new/x', 'WORM-s4--x', '--force', '--json'],
    ['rekey', 'f4.txt', 'bad'],
    ['registerurl', key(2), 'http://example.com/a b'],
    ['registerurl', '--json', key(2), 'magnet:?xt=urn:btih:aaa'],
    ['registerurl', '--remote=bittorrent', key(2), 'http://example.com/2'],
    ['unregisterurl', key(1), 'http://example.com/1', '--json'],
  ]) {
    pair.same(args);
  }
  symlinkSync('..', join(pair.ours.path, 'out'));
  for (const path of ['.git/annex/evil', 'out/evil', '../evil']) {
    expect(pair.ours.ours('fromkey', '--force', key(1), path).status, path).toBe(1);
    expect(existsSync(join(pair.ours.path, path))).toBe(false);
  }
  unlinkSync(join(pair.ours.path, 'out'));
  pair.same(['fromkey'], { input: `${key(1)} b 1\n${key(1)} b2\n` });
  pair.same(['rekey', '--batch', '--json'], { input: 'nosuch WORM-s1--a\nf7.txt WORM-s9--seven\n' });
  pair.same(['registerurl', '--batch'], { input: `${key(3)} http://example.com/3\nbad\n` });
  pair.agree();
});
