import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRepository } from '../../../src/operations/open-repository.js';
import { watchRefs } from '../../../src/operations/serve/watch-refs.js';
import type { Repository } from '../../../src/repository/repository.js';
import { bytes, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';

let sandbox: Sandbox;
let path: string;
let repository: Repository;
const git = (...args: string[]) => run('git', args, path);

beforeAll(async () => {
  sandbox = createSandbox();
  path = sandbox.annex('server');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  repository = await openRepository(bytes(path));
});
afterAll(async () => {
  await repository.close();
  sandbox.remove();
});

it('tells where refs point that changed, also in new folders, when packed, and between two questions', async () => {
  const watch = watchRefs(repository);
  try {
    await watch.ready();
    const first = watch.next();
    git('commit', '-q', '--allow-empty', '-m', 'second');
    expect(await first).toEqual([git('rev-parse', 'HEAD')]);

    git('branch', 'deep/er/branch', 'HEAD~1');
    expect(await watch.next()).toEqual([git('rev-parse', 'HEAD~1')]);

    git('branch', '-D', 'deep/er/branch');
    git('pack-refs', '--all');
    const packed = watch.next();
    git('update-ref', 'refs/heads/deep/er/branch', 'HEAD');
    git('tag', 'other', 'HEAD~1');
    const told = new Set(await packed);
    if (told.size < 2) for (const sha of await watch.next()) told.add(sha);
    expect([...told].sort()).toEqual([git('rev-parse', 'HEAD'), git('rev-parse', 'HEAD~1')].sort());
  } finally {
    watch.close();
  }
});
