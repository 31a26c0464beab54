import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { HeldLock } from '../../../src/repository/objects/object-store.js';
import { memoryChannels, type OtherEnd, serverOf } from '../../support/p2p-channels.js';
import {
  createP2pScene,
  cutChannels,
  forgetPartial,
  moveAll,
  type P2pScene,
  sample,
  stateOf,
} from '../../support/p2p-scene.js';

const CLIENT = '99999999-2222-4333-8444-555555555555' as Uuid;
const one = sample('some content that is sent\n');
const other = sample('another\n');

let scene: P2pScene;
beforeAll(async () => {
  scene = await createP2pScene();
});
afterAll(() => scene.close());
beforeEach(async () => {
  await scene.put(scene.here, [one, other]);
  await scene.takeAway(scene.served, [one, other]);
  forgetPartial(scene.served, one);
});

/** The server's transfer lock, as a server holds it that has not noticed that its client is gone. */
function lockThere(): HeldLock {
  const transfer = { direction: 'download', uuid: CLIENT, key: one.key } as const;
  const lock = scene.served.transfers.begin(transfer, undefined);
  if (lock === undefined) throw new Error('it is held already');
  return lock;
}

/** Stores both; the first connection is cut within the content. Gives how often a connection was made. */
async function store(
  release: (connection: number, lock: HeldLock) => void,
  server = serverOf(scene.served, CLIENT),
) {
  let lock: HeldLock | undefined;
  let connections = 0;
  // Within the first content, which comes after about 100 bytes of requests.
  const channels = cutChannels(scene.served, CLIENT, () => ({ toServer: 118 }));
  const remote = scene.remote(async () => {
    connections++;
    if (connections === 1) return channels();
    lock ??= lockThere();
    release(connections, lock);
    return memoryChannels(server)();
  });
  const moved = await moveAll(remote, 'store', [one, other]);
  await remote.close();
  lock?.release();
  return { ...moved, connections };
}

it('asks again while the server still holds the lock of the transfer that was cut', async () => {
  const { results, thrown } = await store((_, lock) => void setTimeout(() => lock.release(), 250));
  expect(thrown).toBeUndefined();
  expect([results.get(one.key)?.ok, results.get(other.key)?.ok]).toEqual([true, true]);
  expect(stateOf(scene.served, one)).toBe('right');
});

it('asks again where the server ends the connection for it, as that of git-annex does', async () => {
  let locked = true;
  const real = serverOf(scene.served, CLIENT);
  const server = async (end: OtherEnd): Promise<void> => {
    if (!locked) return real(end);
    end.output.write(`AUTH-SUCCESS ${scene.served.uuid}\n`);
    for await (const chunk of end.input as AsyncIterable<Buffer>) {
      const said = chunk.toString('latin1');
      if (said.startsWith('VERSION')) end.output.write('VERSION 4\n');
      if (said.includes('PUT ')) end.output.write('PUT-FROM 0\n');
      if (said.includes('DATA ')) return;
    }
  };
  const { results, thrown, connections } = await store((connection, lock) => {
    if (connection < 5) return;
    locked = false;
    lock.release();
  }, server);
  expect(thrown).toBeUndefined();
  expect(connections).toBeGreaterThanOrEqual(5);
  expect([results.get(one.key)?.ok, results.get(other.key)?.ok]).toEqual([true, true]);
});

it('leaves a content that somebody else sends there to them', async () => {
  const lock = lockThere();
  const remote = scene.remote(memoryChannels(serverOf(scene.served, CLIENT)));
  const { results } = await moveAll(remote, 'store', [one, other]);
  await remote.close();
  lock.release();
  expect(results.get(one.key)).toMatchObject({ ok: false, error: { code: 'remote-refused' } });
  expect(results.get(other.key)?.ok).toBe(true);
});
