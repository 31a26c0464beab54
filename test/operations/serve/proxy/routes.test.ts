import { describe, expect, it } from 'vitest';
import type { Uuid } from '../../../../src/domain/uuid.js';
import { ascii } from '../../../../src/lib/bytes.js';
import { clusterParts } from '../../../../src/operations/serve/proxy/cluster/cluster-parts.js';
import { routedContent } from '../../../../src/operations/serve/proxy/routed-content.js';
import { routesTo } from '../../../../src/operations/serve/proxy/routes.js';
import { createTeller } from '../../../../src/operations/tell-gateways/create-teller.js';
import type { RemoteSettings } from '../../../../src/remotes/list/remote-settings.js';
import type { Settings } from '../../../../src/repository/settings/settings.js';
import { serveMemory } from '../../../support/served-memory.js';

const CLUSTER = 'acae2ff6-6c1e-8bec-b8b9-397a3755f397' as Uuid;

function remote(name: string, uuid: string, over: Partial<RemoteSettings> = {}): RemoteSettings {
  const address = { kind: 'ssh', url: ascii(`ssh://host/${name}`) } as const;
  return {
    name: ascii(name),
    address,
    contents: address,
    uuid: uuid as Uuid,
    cost: 200,
    ignore: false,
    sync: true,
    checkUuid: true,
    readonly: false,
    verify: true,
    ...over,
  };
}

const onPath = { contents: { kind: 'local', path: ascii('/node') } } as const;
const behind = (gateway: string, uuid: string, over: Partial<RemoteSettings> = {}) =>
  remote(`${gateway}-${uuid}`, uuid, { gateway: ascii(gateway), nodeOf: [CLUSTER], cost: 200.1, ...over });

/** git config with these variables. */
function config(variables: Readonly<Record<string, string>>): Settings {
  const get = (name: string) => variables[name];
  return { get, bool: (name: string) => get(name) === 'true' } as unknown as Settings;
}

const gateways = {
  'annex.cluster.mine': CLUSTER,
  'remote.ams.annex-cluster-gateway': CLUSTER,
  'remote.nyc.annex-cluster-gateway': `other ${CLUSTER}`,
};
const names = (list: readonly { readonly settings: RemoteSettings }[]) =>
  list.map(({ settings }) => settings.name);

describe('the ways to a repository', () => {
  it('are a path, a server, another gateway, the cheapest of each first', () => {
    const remotes = [
      remote('ams', 'AMS'),
      remote('nyc', 'NYC', { cost: 150 }),
      remote('slow', 'x', { cost: 900 }),
      remote('fast', 'x', { cost: 190 }),
      remote('disk', 'x', { ...onPath, cost: 1000 }),
      behind('ams', 'x'),
      behind('nyc', 'x', { cost: 150.1 }),
    ];
    const offered = Object.fromEntries(
      ['slow', 'fast', 'disk'].map((name) => [`remote.${name}.annex-proxy`, 'true']),
    );
    const routes = routesTo('x' as Uuid, config({ ...gateways, ...offered }), remotes);
    expect(names(routes)).toEqual(['disk', 'fast', 'slow', 'nyc-x', 'ams-x']);
    expect(routes.map(({ gateway }) => gateway)).toEqual([undefined, undefined, undefined, 'NYC', 'AMS']);
  });

  it('are none to what git config does not offer, whatever the git-annex branch says', () => {
    const remotes = [remote('private', 'x'), remote('stranger', 'S'), behind('stranger', 'x')];
    expect(routesTo('x' as Uuid, config(gateways), remotes)).toEqual([]);
    const other = behind('ams', 'x', { nodeOf: ['acother' as Uuid] });
    expect(routesTo('x' as Uuid, config(gateways), [remote('ams', 'AMS'), other])).toEqual([]);
  });

  it('never lead back to where the client comes from', async () => {
    const asked: string[] = [];
    const way = (gateway: string | undefined) => {
      const content = serveMemory({});
      const present = async () => {
        asked.push(gateway ?? 'directly');
        return true;
      };
      return { gateway: gateway as Uuid | undefined, content: { ...content, present } };
    };
    const ask = async (content: ReturnType<typeof routedContent>) => content.present('K' as never);
    const content = routedContent('x' as Uuid, [way('AMS'), way('NYC')], 'client' as Uuid);
    await ask(content);
    content.bypass?.([ascii('AMS')]);
    await ask(content);
    await ask(routedContent('x' as Uuid, [way('AMS'), way(undefined)], 'AMS' as Uuid));
    expect(asked).toEqual(['AMS', 'NYC', 'directly']);
    content.bypass?.([ascii('AMS'), ascii('NYC')]);
    await expect(ask(content)).rejects.toThrow('leads back to another gateway');
  });
});

describe('the parts of a cluster', () => {
  const nodeOf = (...remotes: string[]) =>
    Object.fromEntries(remotes.map((name) => [`remote.${name}.annex-cluster-node`, 'Mine']));
  const parts = (nodes: readonly string[], remotes: readonly RemoteSettings[], more = {}) =>
    clusterParts(config({ ...gateways, ...more }), CLUSTER, new Set(nodes as Uuid[]), remotes).map(
      ({ settings, uuid, gateway, nodes: those }) => [settings.name, uuid, gateway, ...those],
    );

  it('lead to each node by one way: its own, then the one with the fewest gateways', () => {
    const remotes = [
      remote('a1', 'a1', onPath),
      remote('ams', 'AMS'),
      remote('nyc', 'NYC'),
      behind('nyc', 'n1'),
      behind('ams', 's1'),
      behind('ams', 'n1'),
      behind('ams', 'a1'),
      behind('nyc', 's1'),
    ];
    expect(parts(['a1', 'n1', 's1'], remotes, nodeOf('a1'))).toEqual([
      ['a1', 'a1', undefined, 'a1'],
      ['nyc', CLUSTER, 'NYC', 'n1'],
      ['ams', CLUSTER, 'AMS', 's1'],
    ]);
  });

  it('are what git config says, whatever the git-annex branch says: no cluster, no stranger, no private repository', () => {
    const remotes = [
      remote('a1', 'a1', onPath),
      remote('private', 'p', onPath),
      remote('ams', 'AMS'),
      remote('stranger', 'S'),
      behind('ams', CLUSTER),
      behind('ams', 'unlisted'),
      behind('stranger', 's1'),
    ];
    const hostile = [CLUSTER, 'a1', 'p', 's1', ...Array.from({ length: 10_000 }, (_, i) => `x${i}`)];
    expect(parts(hostile, remotes, nodeOf('a1'))).toEqual([['a1', 'a1', undefined, 'a1']]);
  });
});

describe('telling other gateways', () => {
  it('begins once for many changes, at the end at the latest, and not without any', () => {
    let told = 0;
    const gateway = { settings: config({}), location: undefined as never };
    const teller = createTeller(gateway, () => told++);
    teller.close();
    expect(told).toBe(0);
    teller.changed();
    teller.changed();
    teller.close();
    teller.close();
    expect(told).toBe(1);
  });
});
