import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import { createConnections } from '../../../src/remotes/p2p/connections.js';
import { createContentLocks } from '../../../src/remotes/p2p/lock-content.js';
import type { P2pParts } from '../../../src/remotes/p2p/parts.js';
import { createStreamWire } from '../../../src/remotes/transport/stream-wire.js';

const uuid = 'dafece68-10a7-4156-9c6d-acbbd69461db';
const key = 'SHA256E-s1--ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' as Key;

/** A server that answers LOCKCONTENT after so many milliseconds, and takes so many connections. */
function server(milliseconds: number, limit: number) {
  const state = { opened: 0, closed: 0, heard: '' };
  const openChannel = async () => {
    if (state.opened === limit) throw new Error('no more sessions');
    state.opened++;
    const [up, down] = [new PassThrough(), new PassThrough()];
    down.write(`AUTH-SUCCESS ${uuid}\n`);
    up.on('data', async (said: Buffer) => {
      state.heard += said;
      if (`${said}`.includes('VERSION')) down.write('VERSION 4\n');
      if (`${said}`.includes('GETTIMESTAMP')) down.write('TIMESTAMP 1\n');
      if (!`${said}`.includes(' SHA256E')) return;
      await pause(milliseconds);
      down.write('SUCCESS\n');
    });
    const close = () => {
      state.closed++;
      down.end();
    };
    return { wire: createStreamWire(down, up), lost: async () => undefined, close };
  };
  const identity = { name: 'far', uuid } as unknown as P2pParts['identity'];
  const connections = createConnections({ identity, openChannel });
  return { state, connections, locks: createContentLocks({ connections, identity } as P2pParts) };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(1);
}

async function lockOnce(locks: ReturnType<typeof server>['locks']): Promise<void> {
  const lock = await locks.lock(key);
  if (lock === undefined || 'code' in lock) throw new Error('not locked');
  await lock.release();
}

describe('locks on a server that is far away', () => {
  it('are held on as many connections as are wanted', async () => {
    const { state, connections, locks } = server(40, 99);
    expect(locks.free(20)).toBe(Number.POSITIVE_INFINITY);
    await lockOnce(locks);
    expect(locks.free(5)).toBe(1);
    await until(() => locks.free(5) === 5);
    expect(state.opened).toBe(5);
    await connections.close();
    expect(state.closed).toBe(5);
  });

  it('are given back before the connection is closed', async () => {
    const { state, connections, locks } = server(0, 1);
    await lockOnce(locks);
    await connections.close();
    expect(state.heard).toContain('UNLOCKCONTENT\n');
    expect(state.closed).toBe(1);
  });

  it('make do with the connections that the server takes', async () => {
    const { state, locks } = server(40, 3);
    await lockOnce(locks);
    locks.free(20);
    await until(() => locks.free(20) === 3);
    await lockOnce(locks);
    expect(state.opened).toBe(3);
  });

  it('leave no connection behind that comes after the end', async () => {
    const { state, connections, locks } = server(40, 99);
    await lockOnce(locks);
    locks.free(4);
    connections.close();
    await until(() => state.closed === state.opened);
    expect(connections.idle()).toBe(0);
  });
});
