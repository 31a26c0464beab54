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

const sizes = [10, 5000, 20, 6000, 7000, 30];

describe('connections for large contents', () => {
  let sandbox: Sandbox;
  let here: Repository;
  let keys: Key[];

  beforeAll(async () => {
    sandbox = createSandbox();
    const path = sandbox.annex('here');
    for (const [i, size] of sizes.entries())
      writeFileSync(join(path, `f${i}`), String(i).repeat(size).slice(0, size));
    run('git', ['annex', 'add', '-q', '.'], path);
    keys = run('git', ['annex', 'find', '--format=${key}\\n'], path).split('\n').filter(Boolean) as Key[];
    here = await openRepository(path as ByteString);
  });
  afterAll(async () => {
    await here.close();
    sandbox.remove();
  });

  /** Stores all contents in a new repository. Gives how often connections of both kinds were opened. */
  async function store(name: string, works: boolean): Promise<{ usual: number; bulk: number }> {
    const path = sandbox.annex(name);
    const served = await openRepository(path as ByteString);
    const uuid = run('git', ['config', 'annex.uuid'], path) as Uuid;
    const channels = memoryChannels(serverOf(served, here.uuid));
    const opened = { usual: 0, bulk: 0 };
    const openChannel: OpenChannel = () => {
      opened.usual++;
      return channels();
    };
    const openBulk: OpenChannel = async () => {
      opened.bulk++;
      if (!works) throw new Error('no such connection');
      return channels();
    };
    const identity = { name: ascii(name), uuid, cost: 200, readonly: false };
    const options = { identity, here, openChannel, openBulk, bulkFrom: 1000, verify: true };
    const remote = createP2pRemote(options);
    const moved: boolean[] = [];
    const requests = async function* (): AsyncGenerator<TransferRequest> {
      for (const key of keys) yield { key, file: undefined };
    };
    const context = { signal: new AbortController().signal };
    for await (const result of remote.store(requests(), context)) moved.push(result.ok && result.moved);
    expect(moved).toEqual(keys.map(() => true));
    expect(keys.every((key) => served.objects.locate(key) !== undefined)).toBe(true);
    await remote.close();
    await served.close();
    return opened;
  }

  it('are made for the first of them, and stay in use', async () => {
    expect(await store('there', true)).toEqual({ usual: 1, bulk: 1 });
  });

  it('are done without where they do not work', async () => {
    expect(await store('elsewhere', false)).toEqual({ usual: 1, bulk: 1 });
  });
});
