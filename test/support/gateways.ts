import { readdirSync } from 'node:fs';
import { createNetwork, type Network } from './network.js';
import { createScene, type Repository, type Scene } from './scene.js';

/** A cluster with several gateways, each with two nodes on paths of its machine, and a client of the first of them. */
export interface Gateways {
  readonly scene: Scene;
  readonly network: Network;
  readonly cluster: string;
  /** By the gateway's name, which is also its machine's. */
  readonly gateways: ReadonlyMap<string, Repository>;
  /** By name: a gateway's first letter and a number. */
  readonly nodes: ReadonlyMap<string, Repository>;
  readonly client: Repository;
  /** Makes more gateways remotes of others, and lets all know. */
  link(links: readonly (readonly [string, string])[]): void;
  repository(name: string): Repository;
  uuid(name: string): string;
  /** Names of the repositories which that one thinks have a file's content; sorted, without the cluster. */
  places(who: string, file: string): string[];
  /** Names of the nodes that really have it. */
  holders(file: string): string[];
  /** A new annexed file, in the client only. */
  file(name: string, content?: string | Buffer): void;
}

/** Records what git config and the gateways it has as remotes say. */
function update(gateway: Repository): void {
  const others = gateway
    .git('remote')
    .split('\n')
    .filter((name) => name.length > 2);
  if (others.length > 0) gateway.git('fetch', '-q', '--multiple', ...others);
  if (gateway.git('config', '--default', '', 'annex.cluster.mine') !== '')
    gateway.must('real', 'updatecluster');
}

/** Made with git-annex. @param links which gateway has which as a remote */
export function createGateways(
  names: readonly string[],
  links: readonly (readonly [string, string])[],
): Gateways {
  const scene = createScene();
  const network = createNetwork(scene);
  const [first] = names as readonly [string, ...string[]];
  const all = new Map<string, Repository>();
  const nodes = new Map<string, Repository>();
  const gateways = new Map<string, Repository>();
  const origin = scene.create(`${first}/gw`, { description: first });
  origin.write('readme', 'readme\n');
  origin.git('add', '.');
  origin.git('commit', '-qm', 'readme');
  const clone = (path: string, name: string): Repository => {
    const made = path === `${first}/gw` ? origin : scene.clone(`${first}/gw`, path, { description: name });
    if (made !== origin) made.git('remote', 'remove', 'origin');
    all.set(name, made);
    return made;
  };
  for (const name of names) {
    network.host(name, 'real');
    gateways.set(name, clone(`${name}/gw`, name));
  }
  for (const [name, gateway] of gateways) {
    for (const number of [1, 2]) {
      const node = `${name[0]}${number}`;
      nodes.set(node, clone(`${name}/${node}`, node));
      gateway.git('remote', 'add', '-f', node, `../${node}`);
      gateway.git('config', `remote.${node}.annex-cluster-node`, 'mine');
    }
  }
  origin.must('real', 'initcluster', 'mine');
  const cluster = origin.git('config', 'annex.cluster.mine');
  const link: Gateways['link'] = (more) => {
    for (const [from, to] of more) {
      const gateway = gateways.get(from) as Repository;
      network.remote(gateway, to, gateways.get(to) as Repository);
      gateway.git('config', 'annex.cluster.mine', cluster);
      gateway.git('config', 'annex-ts.tellgateways', 'false');
      gateway.git('config', `remote.${to}.annex-cluster-gateway`, cluster);
    }
    for (let round = 0; round < 2; round++) for (const gateway of gateways.values()) update(gateway);
    client?.git('fetch', '-q', first);
  };
  let client: Repository | undefined;
  link(links);
  client = clone('client', 'client');
  network.remote(client, first, origin);
  client.must('real', 'merge');
  const byUuid = new Map(
    [...all].map(([name, repository]) => [repository.git('config', 'annex.uuid'), name]),
  );
  return {
    scene,
    network,
    cluster,
    gateways,
    nodes,
    client,
    link,
    repository: (name) => all.get(name) as Repository,
    uuid: (name) => [...byUuid].find(([, one]) => one === name)?.[0] as string,
    places(who, file) {
      const key = client.must('real', 'lookupkey', file).trim();
      // It fails where there are none.
      const told = all.get(who)?.real('whereis', '--json', '--key', key).stdout ?? '';
      const { whereis } = JSON.parse(told) as { whereis: { uuid: string }[] };
      return whereis.flatMap(({ uuid }) => (uuid === cluster ? [] : (byUuid.get(uuid) ?? uuid))).sort();
    },
    holders(file) {
      const key = client.must('real', 'lookupkey', file).trim();
      const has = (node: Repository) =>
        readdirSync(`${node.path}/.git/annex`, { recursive: true, encoding: 'utf8' }).some((path) =>
          path.endsWith(`/${key}/${key}`),
        );
      return [...nodes].flatMap(([name, node]) => (has(node) ? name : [])).sort();
    },
    file(name, content = `content of ${name}\n`) {
      client.write(name, content);
      client.must('real', 'add', '-q', name);
      client.git('commit', '-qm', name);
    },
  };
}
