import { afterAll, beforeAll, describe } from 'vitest';
import { AnnexError } from '../../src/domain/errors.js';
import type { Uuid } from '../../src/domain/uuid.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { ascii } from '../../src/lib/bytes.js';
import { openRepository } from '../../src/operations/open-repository.js';
import type { OpenChannel } from '../../src/remotes/p2p/channel.js';
import { createP2pRemote } from '../../src/remotes/p2p/p2p-remote.js';
import type { Remote } from '../../src/remotes/remote.js';
import type { Repository } from '../../src/repository/repository.js';
import { createSandbox, run, type Sandbox } from '../support/annex-repository.js';
import { conformsAsRemote } from './remote.js';

/** The uuid that the client says it has. */
export const CLIENT = '99999999-2222-4333-8444-555555555555' as Uuid;

/** A way to reach a repository over the P2P protocol. */
export interface P2pKind {
  readonly name: string;
  readonly open: (path: string, served: Repository) => OpenChannel;
  /** Default: true. */
  readonly ahead?: boolean;
  readonly jobs?: number;
}

/** Every check of `testremote` for a P2P remote. */
export function conformsOverP2p({ name, open, ...options }: P2pKind): void {
  describe(`a repository behind ${name}`, () => {
    let sandbox: Sandbox;
    let here: Repository;
    let served: Repository;
    let remote: Remote;
    let unavailable: Remote;

    beforeAll(async () => {
      sandbox = createSandbox();
      here = await openRepository(sandbox.annex('here') as ByteString);
      const path = sandbox.annex('there');
      served = await openRepository(path as ByteString);
      const uuid = run('git', ['config', 'annex.uuid'], path) as Uuid;
      const identity = { name: ascii('there'), uuid, cost: 200, readonly: false };
      const at = (openChannel: OpenChannel): Remote =>
        createP2pRemote({ identity, here, openChannel, verify: true, ...options });
      remote = at(open(path, served));
      unavailable = at(async () => {
        throw new AnnexError('remote-unavailable', 'no route to host');
      });
    });

    afterAll(async () => {
      await remote.close();
      await served.close();
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
}
