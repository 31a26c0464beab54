import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { ByteString } from '../../src/lib/bytes.js';
import { openRepository } from '../../src/operations/open-repository.js';
import { createLocalGitRemote } from '../../src/remotes/local-git/local-git-remote.js';
import type { Remote } from '../../src/remotes/remote.js';
import type { Repository } from '../../src/repository/repository.js';
import { createSandbox, run, type Sandbox } from '../support/annex-repository.js';
import { conformsAsRemote } from './remote.js';

describe('a repository on a local path', () => {
  let sandbox: Sandbox;
  let here: Repository;
  let remote: Remote;
  let unavailable: Remote;

  beforeAll(async () => {
    sandbox = createSandbox();
    here = await openRepository(sandbox.annex('here') as ByteString);
    const there = sandbox.annex('there');
    const identity = { name: 'there', uuid: run('git', ['config', 'annex.uuid'], there), cost: 100 };
    const at = (path: string): Remote =>
      createLocalGitRemote({
        identity: { ...identity, readonly: false } as unknown as Remote,
        path: path as ByteString,
        here,
        verify: true,
        openRepository,
      });
    remote = at(there);
    unavailable = at(join(sandbox.directory, 'nowhere'));
  });

  afterAll(async () => {
    await remote.close();
    await unavailable.close();
    await here.close();
    sandbox.remove();
  });

  conformsAsRemote({
    remote: () => remote,
    unavailable: () => unavailable,
    here: () => here,
    folder: () => sandbox.directory,
  });
});
