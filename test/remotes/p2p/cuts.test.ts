import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { Repository } from '../../../src/repository/repository.js';
import {
  createP2pScene,
  type Cut,
  cutChannels,
  forgetPartial,
  moveAll,
  type P2pScene,
  sample,
  stateOf,
} from '../../support/p2p-scene.js';

const CLIENT = '99999999-2222-4333-8444-555555555555' as Uuid;
const samples = ['', 'a', 'some bytes\n', 'DATA 5\nVALID\n'].map(sample);

/** Bytes before the first request is answered, or written. */
const GREETING = {
  fromServer: 'AUTH-SUCCESS 99999999-2222-4333-8444-555555555555\nVERSION 4\n'.length,
  toServer: 'VERSION 4\n'.length,
};

let scene: P2pScene;
beforeAll(async () => {
  scene = await createP2pScene();
});
afterAll(() => scene.close());

const ways = [
  { way: 'retrieve', ahead: true },
  { way: 'retrieve', ahead: false },
  { way: 'store', ahead: true },
] as const;

describe.each(ways)('$way of a few contents (written ahead: $ahead)', ({ way, ahead }) => {
  const ends = (): { from: Repository; to: Repository } =>
    way === 'retrieve' ? { from: scene.served, to: scene.here } : { from: scene.here, to: scene.served };

  async function prepare(): Promise<void> {
    const { from, to } = ends();
    await scene.put(from, samples);
    await scene.takeAway(to, samples);
    for (const one of samples) forgetPartial(to, one);
  }

  async function run(cuts: (connection: number) => Cut, count?: { fromServer: number; toServer: number }) {
    const remote = scene.remote(cutChannels(scene.served, CLIENT, cuts, count), { ahead });
    const moved = await moveAll(remote, way, samples);
    await remote.close();
    const { to } = ends();
    const states = samples.map((one) => stateOf(to, one));
    for (const [i, { key }] of samples.entries()) {
      expect(states[i]).not.toBe('wrong');
      if (moved.results.get(key)?.ok) expect(states[i]).toBe('right');
    }
    return { ...moved, states };
  }

  const all = (what: string) => samples.map(() => what);

  it('finishes on another connection, wherever the first one is cut', async () => {
    await prepare();
    const count = { fromServer: 0, toServer: 0 };
    expect((await run(() => ({}), count)).states).toEqual(all('right'));
    expect(Math.min(count.fromServer, count.toServer)).toBeGreaterThan(50);
    for (const direction of ['fromServer', 'toServer'] as const) {
      for (let at = 0; at < count[direction]; at += ahead ? 1 : 3) {
        await prepare();
        const { states, results, thrown } = await run((n) => (n === 0 ? { [direction]: at } : {}));
        const where = `${direction} cut after ${at}`;
        if (at === GREETING[direction]) continue;
        if (at < GREETING[direction]) {
          // A server that does not even greet is not asked again.
          expect({ where, thrown }).toMatchObject({ where, thrown: { code: 'remote-unavailable' } });
          continue;
        }
        expect({ where, states, thrown }).toEqual({ where, states: all('right'), thrown: undefined });
        expect([...results.values()].map(({ ok }) => ok)).toEqual(samples.map(() => true));
      }
    }
  }, 60_000);

  it('gives up in the end where every connection is cut early, and finishes when that is over', async () => {
    for (const direction of ['fromServer', 'toServer'] as const) {
      for (let at = 0; at < 400; at += 17) {
        await prepare();
        const { results, thrown } = await run(() => ({ [direction]: at }));
        if (thrown !== undefined) expect(thrown).toMatchObject({ code: 'remote-unavailable' });
        else expect(results.size).toBe(samples.length);
        expect((await run(() => ({}))).states).toEqual(all('right'));
      }
    }
  }, 60_000);
});
