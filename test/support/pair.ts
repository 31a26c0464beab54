import type { Repository, Scene } from './scene.js';

/** A repository, and a clone of it. */
export interface Pair {
  readonly origin: Repository;
  readonly here: Repository;
}

/**
 * Makes the folder `base` of a scene: `origin` with a file of each name (content: the name and a newline), and its clone
 * `here`, which got some of them; both know what the other has.
 */
export function makePair(scene: Scene, names: readonly string[], got: readonly string[]): void {
  const origin = scene.create('base/origin');
  for (const name of names) origin.write(name, `${name}\n`);
  origin.must('real', 'add', '--quiet', '.');
  origin.git('commit', '-qm', 'files');
  const here = scene.clone('base/origin', 'base/here');
  here.must('real', 'get', '--quiet', ...got);
  here.must('real', 'sync', '--quiet');
  origin.must('real', 'merge', '--quiet');
}

/** A copy of `base` under that name, for one test to change. */
export function copyPair(scene: Scene, name: string): Pair {
  scene.copy('base', name);
  return { origin: scene.repository(`${name}/origin`), here: scene.repository(`${name}/here`) };
}
