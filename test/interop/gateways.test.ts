import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateways, type Gateways } from '../support/gateways.js';

/** Clusters with several gateways that call one another. */
let scene: Gateways;

beforeAll(() => {
  scene = createGateways(
    ['ams', 'nyc', 'syd'],
    [
      ['ams', 'nyc'],
      ['nyc', 'ams'],
    ],
  );
});
afterAll(() => scene?.scene.remove());

/** Sessions of git-annex-shell, as often as each gateway was called. */
function called(): Record<string, number> {
  const times: Record<string, number> = {};
  for (const call of scene.network.calls()) {
    const host = call.split(' ', 1)[0] as string;
    if (call.includes("'p2pstdio'")) times[host] = (times[host] ?? 0) + 1;
  }
  return times;
}

/** A cluster is in no location log, whoever passed its uuid on. */
function expectClusterUnlogged(): void {
  for (const who of ['client', 'ams', 'nyc', 'syd']) {
    const repository = scene.repository(who);
    repository.must('real', 'merge');
    const logs = scene.scene.run('git', ['grep', '-l', scene.cluster, 'git-annex'], repository.path).stdout;
    expect(logs.split('\n').filter((name) => /\/SHA256E.*\.log$/.test(name))).toEqual([]);
  }
}

const four = ['a1', 'a2', 'n1', 'n2'];
const six = [...four, 's1', 's2'];

describe.each([
  ['ours', 'real', 'ours'],
  ['real', 'ours', 'real'],
] as const)('two gateways that list each other, served by %s and %s, client %s', (ams, nyc, who) => {
  it('store at all nodes, get from all and drop from all, and each calls the other once', () => {
    const { client, network } = scene;
    network.host('ams', ams);
    network.host('nyc', nyc);
    const f = `${ams}-${nyc}`;
    scene.file(f);
    called();
    client.must(who, 'copy', '--to', 'ams-mine', f);
    expect(called()).toEqual({ ams: 1, nyc: 1 });
    expect(scene.holders(f)).toEqual(four);
    expect(scene.places('client', f)).toEqual([...four, 'client'].sort());
    expect(scene.places('ams', f)).toEqual(four);
    expect(scene.places('nyc', f)).toEqual(['n1', 'n2']);

    for (const node of ['ams-a1', 'ams-a2']) client.must(who, 'drop', '--from', node, f);
    client.must(who, 'drop', '--force', f);
    client.must(who, 'get', '--from', 'ams-mine', f);
    called();
    client.must(who, 'drop', '--from', 'ams-mine', f);
    expect(called()).toEqual({ ams: 1, nyc: 1 });
    expect(scene.holders(f)).toEqual([]);
    expect(scene.places('client', f)).toEqual(['client']);
    expect(scene.places('ams', f)).toEqual([]);
    expect(scene.places('nyc', f)).toEqual([]);
  });
});

/** What happens in the background is waited for as long as a loaded machine may need. */
async function until<T>(look: () => T, wanted: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const seen = look();
    if (wanted(seen) || tries > 100) return seen;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('gateways of ours', () => {
  it('tell each other what came and went', async () => {
    const { client, network, scene: files } = scene;
    network.host('ams', 'ours');
    scene.repository('ams').git('config', 'annex-ts.tellgateways', 'true');
    scene.file('told');
    client.must('real', 'copy', '--to', 'ams-a1', 'told');
    const places = await until(
      () => scene.places('nyc', 'told'),
      (seen) => seen.length > 0,
    );
    expect(places).toEqual(['a1']);
    expect(scene.repository('nyc').git('for-each-ref', '--format=%(refname)', 'refs/synced')).toBe(
      `refs/synced/${scene.uuid('ams')}/git-annex`,
    );
    network.down('nyc');
    const log = files.path('ams/gw/.git/annex/annex-ts/gateways.log');
    client.must('real', 'drop', '--from', 'ams-a1', 'told');
    const failed = await until(
      () => readFileSync(log, 'utf8'),
      (seen) => seen.includes('No route'),
    );
    expect(failed).toMatch(
      /nyc: told\n.*nyc: cannot access nyc: ssh: connect to host nyc port 22: No route to host\n/s,
    );
    expect(scene.repository('ams').ours('tell-gateways').status).toBe(1);
    network.down('nyc', false);
    expect(scene.places('nyc', 'told')).toEqual(['a1']);
    expect(scene.repository('ams').must('ours', 'tell-gateways')).toBe('nyc: told\n');
    expect(scene.places('nyc', 'told')).toEqual([]);
  });
});

describe('three gateways that all list each other', () => {
  beforeAll(() =>
    scene.link([
      ['ams', 'syd'],
      ['syd', 'ams'],
      ['nyc', 'syd'],
      ['syd', 'nyc'],
    ]),
  );

  // With three of git-annex's the upload never ends.
  it.each([
    ['ours', 'ours', 'ours', 'real'],
    ['real', 'ours', 'ours', 'ours'],
  ] as const)(
    'served by %s, %s and %s, client %s: each content comes everywhere, and the calls end',
    (ams, nyc, syd, who) => {
      const { client, network } = scene;
      network.host('ams', ams);
      network.host('nyc', nyc);
      network.host('syd', syd);
      const f = `ring-${ams}-${nyc}`;
      scene.file(f);
      called();
      client.must(who, 'copy', '--to', 'ams-mine', f);
      const calls = called();
      expect(scene.holders(f)).toEqual(six);
      expect(scene.places('client', f)).toEqual([...six, 'client'].sort());
      if (ams === 'ours') expect(calls).toEqual({ ams: 1, nyc: 1, syd: 1 });
      client.must(who, 'drop', '--from', 'ams-mine', f);
      expect(scene.holders(f)).toEqual([]);
      expect(scene.places('ams', f)).toEqual([]);
    },
  );

  it('log no cluster', () => expectClusterUnlogged());
});
