import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateways, type Gateways } from '../support/gateways.js';
import { OUR_SHELL } from '../support/p2p-channels.js';

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

  describe('of ours', () => {
    beforeAll(() => {
      for (const name of scene.gateways.keys()) scene.network.host(name, 'ours');
    });
    const asks = () =>
      `git-annex-shell p2pstdio ${scene.repository('ams').path} old-client --uuid ${scene.cluster}`;

    it('serve a client that is older than protocol 2', () => {
      scene.file('old', 'old\n');
      const key = scene.client.must('real', 'lookupkey', 'old').trim();
      const input = `VERSION 1\nPUT old ${key}\nDATA 4\nold\nVALID\nCHECKPRESENT ${key}\n`;
      const { stdout } = scene.scene.run(OUR_SHELL, ['-c', asks()], scene.client.path, { input });
      expect(stdout).toBe(`AUTH-SUCCESS ${scene.cluster}\nVERSION 1\nPUT-FROM 0\nSUCCESS\nSUCCESS\n`);
      expect(scene.holders('old')).toEqual(six);
      expect(scene.places('ams', 'old')).toEqual(six);
    });

    it('do without a gateway that is down and a node that is another repository now', () => {
      const { client, network } = scene;
      const other = scene.repository('a2');
      other.git('config', 'annex.uuid', '22222222-2222-4333-8444-555555555555');
      network.down('syd');
      scene.file('part');
      client.must('real', 'copy', '--to', 'ams-mine', 'part');
      network.down('syd', false);
      other.git('config', 'annex.uuid', scene.uuid('a2'));
      expect(scene.holders('part')).toEqual(['a1', 'n1', 'n2']);
      expect(scene.places('ams', 'part')).toEqual(['a1', 'n1', 'n2']);
      expect(scene.places('client', 'part')).toEqual(['a1', 'client', 'n1', 'n2']);
    });
  });

  it('log no cluster', () => expectClusterUnlogged());
});
