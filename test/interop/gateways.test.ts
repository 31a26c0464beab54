import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateways, type Gateways, servedBy } from '../support/gateways.js';

/** Clusters with several gateways that call one another. */
let scene: Gateways;

beforeAll(() => {
  scene = createGateways(
    ['ams', 'nyc'],
    [
      ['ams', 'nyc'],
      ['nyc', 'ams'],
    ],
  );
});
afterAll(() => scene?.scene.remove());

describe.each(['real'] as const)('two gateways that list each other, served by %s', (who) => {
  it('store at all nodes, and each call the other once', () => {
    const { client, network } = scene;
    servedBy(scene, who);
    const f = `f-${who}`;
    scene.file(f);
    network.calls();
    client.must('real', 'copy', '--to', 'ams-mine', f);
    expect(scene.holders(f)).toEqual(['a1', 'a2', 'n1', 'n2']);
    expect(scene.places('client', f)).toEqual(['a1', 'a2', 'client', 'n1', 'n2']);
    expect(scene.places('ams', f)).toEqual(['a1', 'a2', 'n1', 'n2']);
    expect(scene.places('nyc', f)).toEqual(['n1', 'n2']);
    expect(network.calls().map((call) => call.split(' ', 3).join(' '))).toEqual([
      "ams git-annex-shell 'p2pstdio'",
      "nyc git-annex-shell 'p2pstdio'",
    ]);
    client.must('real', 'drop', '--from', 'ams-mine', f);
    expect(scene.holders(f)).toEqual([]);
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
    servedBy(scene, 'ours');
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
