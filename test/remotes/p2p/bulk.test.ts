import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import type { OpenChannel } from '../../../src/remotes/p2p/channel.js';
import { createP2pRemote } from '../../../src/remotes/p2p/p2p-remote.js';
import type { TransferRequest } from '../../../src/remotes/remote.js';
import type { Repository } from '../../../src/repository/repository.js';
import { createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { memoryChannels, serverOf } from '../../support/p2p-channels.js';

interface Opened {
  readonly usual: number;
  readonly bulk: number;
}

const sizes = [10, 5000, 20, 6000, 7000, 30];

describe('connections for large contents', () => {
  let sandbox: Sandbox;
  let first: Repository;
  let keys: Key[];

  beforeAll(async () => {
    sandbox = createSandbox();
    const path = sandbox.annex('here');
    for (const [i, size] of sizes.entries())
      writeFileSync(join(path, `f${i}`), String(i).repeat(size).slice(0, size));
    run('git', ['annex', 'add', '-q', '.'], path);
    keys = run('git', ['annex', 'find', '--format=${key}\\n'], path).split('\n').filter(Boolean) as Key[];
    first = await openRepository(path as ByteString);
  });
  afterAll(async () => {
    await first.close();
    sandbox.remove();
  });

  /**
   * Stores all contents in a new repository, and a third one gets them from there. Gives how often connections of both kinds
   * were opened for each.
   */
  async function storeAndRetrieve(name: string, works: boolean): Promise<Opened[]> {
    const path = sandbox.annex(name);
    const served = await openRepository(path as ByteString);
    const uuid = run('git', ['config', 'annex.uuid'], path) as Uuid;
    const third = await openRepository(sandbox.annex(`${name}-third`) as ByteString);
    const opened: Opened[] = [];
    for (const here of [first, third]) {
      const channels = memoryChannels(serverOf(served, here.uuid));
      const count = { usual: 0, bulk: 0 };
      const openChannel: OpenChannel = () => {
        count.usual++;
        return channels();
      };
      const openBulk: OpenChannel = async () => {
        count.bulk++;
        if (!works) throw new Error('no such connection');
        return channels();
      };
      const identity = { name: ascii(name), uuid, cost: 200, readonly: false };
      const options = { identity, here, openChannel, openBulk, bulkFrom: 1000, verify: true };
      const remote = createP2pRemote(options);
      const transfer = here === first ? remote.store : remote.retrieve;
      const moved: boolean[] = [];
      const context = { signal: new AbortController().signal };
      for await (const result of transfer(requests(), context)) moved.push(result.ok && result.moved);
      expect(moved).toEqual(keys.map(() => true));
      const to = here === first ? served : here;
      expect(keys.every((key) => to.objects.locate(key) !== undefined)).toBe(true);
      await remote.close();
      opened.push(count);
    }
    await third.close();
    await served.close();
    return opened;
  }
  async function* requests(): AsyncGenerator<TransferRequest> {
    for (const key of keys) yield { key, file: undefined };
  }

  it('are made for the first of them, and stay in use', async () => {
    const each = { usual: 1, bulk: 1 };
    expect(await storeAndRetrieve('there', true)).toEqual([each, each]);
  });

  it('are done without where they do not work', async () => {
    const each = { usual: 1, bulk: 1 };
    expect(await storeAndRetrieve('elsewhere', false)).toEqual([each, each]);
  });
});
