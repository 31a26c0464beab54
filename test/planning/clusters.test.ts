import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterUuid, isClusterUuid, type Uuid } from '../../src/domain/uuid.js';
import type { ByteString } from '../../src/lib/bytes.js';
import {
  type ClusterFacts,
  type GatewayRemote,
  planNodes,
  planProxies,
  withClusterRenamed,
  withoutCluster,
} from '../../src/planning/clusters.js';

const HERE = 'here' as Uuid;
const CLUSTER = 'ac000000-0000-8000-8000-000000000000' as Uuid;
const NAMES = ['c', 'd'] as ByteString[];

const remote = (name: string, more: Partial<GatewayRemote> = {}): GatewayRemote => ({
  name: name as ByteString,
  uuid: `uuid-${name}` as Uuid,
  proxied: false,
  nodeOf: [],
  gatewayOf: [],
  mayProxy: true,
  ...more,
});

const facts = (more: Partial<ClusterFacts>): ClusterFacts => ({
  here: HERE,
  clusters: new Map([['c' as ByteString, CLUSTER]]),
  remotes: [],
  nodes: new Map(),
  proxies: new Map(),
  ...more,
});

const remotes = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'e', 'f'),
    proxied: fc.boolean(),
    nodeOf: fc.subarray(NAMES),
    known: fc.boolean(),
  }),
  { selector: ({ name }) => name },
);
const someFacts = remotes.map((list) =>
  facts({
    remotes: list.map(({ name, known, ...more }) =>
      remote(name, known ? more : { ...more, uuid: undefined }),
    ),
  }),
);

it('cluster uuids are recognised, whatever they are made of', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (random) => {
      const uuid = clusterUuid(random);
      expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(isClusterUuid(uuid)).toBe(true);
    }),
  );
});

describe('plans for clusters', () => {
  it('have nothing to do once they were carried out', () => {
    fc.assert(
      fc.property(someFacts, (before) => {
        const nodes = new Map(planNodes(before).map((one) => [one.uuid, one.nodes]));
        const proxies = new Map([[HERE, planProxies(before).remotes]]);
        const after = { ...before, nodes, proxies };
        expect(planNodes(after).every(({ added, removed }) => added.length + removed.length === 0)).toBe(
          true,
        );
        expect(planProxies(after).changes).toEqual([]);
      }),
    );
  });

  it('take nodes away that nobody serves, and leave those of other gateways', () => {
    const [mine, theirs, nobodys] = ['uuid-a', 'uuid-b', 'uuid-e'] as Uuid[];
    const [change] = planNodes(
      facts({
        remotes: [remote('a', { nodeOf: NAMES })],
        nodes: new Map([[CLUSTER, new Set([theirs, nobodys] as Uuid[])]]),
        proxies: new Map([
          [
            'other' as Uuid,
            [
              { uuid: CLUSTER, name: 'c' as ByteString },
              { uuid: theirs as Uuid, name: 'b' as ByteString },
            ],
          ],
          ['not of it' as Uuid, [{ uuid: nobodys as Uuid, name: 'e' as ByteString }]],
        ]),
      }),
    );
    expect(change).toMatchObject({ added: [{ uuid: mine, name: 'a' }], removed: [nobodys] });
    expect([...(change?.nodes ?? [])].sort()).toEqual([mine, theirs]);
  });

  it('neither take this repository nor what has no uuid for a node', () => {
    const unknown = [
      remote('a', { nodeOf: NAMES, uuid: HERE }),
      remote('b', { nodeOf: NAMES, uuid: undefined }),
    ];
    expect(planNodes(facts({ remotes: unknown }))[0]?.added).toEqual([]);
    expect(planProxies(facts({ remotes: unknown })).remotes).toEqual([{ uuid: CLUSTER, name: 'c' }]);
  });

  it('reach nodes behind another gateway by its name, unless there is a way of their own', () => {
    const proxied = (name: string) => ({ uuid: `uuid-${name}` as Uuid, name: name as ByteString });
    const gateway = remote('gw', { gatewayOf: [CLUSTER] });
    const plan = (more: readonly GatewayRemote[]) =>
      planProxies(
        facts({
          remotes: [gateway, ...more],
          nodes: new Map([[CLUSTER, new Set(['uuid-a', 'uuid-b'] as Uuid[])]]),
          proxies: new Map([['uuid-gw' as Uuid, ['a', 'b', 'x'].map(proxied)]]),
        }),
      ).changes.map(({ name }) => name);
    expect(plan([])).toEqual(['c', 'gw-a', 'gw-b']);
    expect(plan([remote('b', { proxied: true })])).toEqual(['c', 'gw-a', 'b']);
  });

  it('follow a renamed cluster, and let go of a removed one', () => {
    const before = facts({ remotes: [remote('a', { nodeOf: NAMES, gatewayOf: [CLUSTER] })] });
    const renamed = withClusterRenamed(before, 'c' as ByteString, 'z' as ByteString);
    expect(planNodes(renamed)[0]).toMatchObject({ cluster: 'z', uuid: CLUSTER, added: [{ name: 'a' }] });
    const removed = withoutCluster(before, 'c' as ByteString);
    expect(planNodes(removed)).toEqual([]);
    expect(removed.remotes[0]).toMatchObject({ nodeOf: ['d'], gatewayOf: [] });
  });
});
