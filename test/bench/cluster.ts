/** `npm run bench -- cluster`: a cluster of three repositories on disks of its gateway, reached over ssh. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Sshd, startSshd } from '../support/sshd.js';
import { measure, median, type ServerMemory, watchServers } from './measure.js';
import { ours, ROUND_TRIP, readTransferOptions, theirs } from './options.js';
import { startRelay } from './relay.js';
import { bigFile, Scene, smallFiles, type Subject } from './scene.js';
import { provideSsh } from './ssh.js';

const given = readTransferOptions({ files: 1000, far: 100 });

const help = `npm run bench -- cluster [options]
  --files N   small files where the gateway is near (default 1000)
  --far N     small files where it is 50 ms away, and of each of 8 clients (default 100)
  --big MIB   size of the big file (default 1024)
  --only TEXT only cases whose name holds TEXT (may be repeated)
  --rounds N  rounds of each case (default 1)
Client and gateway are git-annex's, then only the gateway is ours, then both are.`;

const NODES = ['n1', 'n2', 'n3'];

/** Who is the client, and whose shell the gateway runs. */
interface Side {
  readonly name: string;
  readonly client: Subject;
  readonly shell: string;
}

const OUR_SHELL = resolve('bin/git-annex-ts-shell');
const sides: readonly Side[] = [
  { name: 'git-annex through git-annex', client: theirs, shell: 'git-annex-shell' },
  { name: 'git-annex through ours', client: theirs, shell: OUR_SHELL },
  { name: 'ours through ours', client: ours, shell: OUR_SHELL },
];

interface Case {
  readonly name: string;
  readonly target: string;
  /** Small files of each client; 0: one big file. */
  readonly files: number;
  readonly clients?: number;
  readonly far?: true;
  readonly direction: 'put' | 'get';
  /** What is moved to or from, when it is not the cluster: a node through the gateway, or the node itself. */
  readonly remote?: 'origin-n1' | 'direct';
}

const [small, far] = [given.files, given.far];
const cases: readonly Case[] = [
  { name: `copy --to cluster, ${small} small`, target: '<= 0.3', files: small, direction: 'put' },
  { name: `get --from cluster, ${small} small`, target: '<= 0.3', files: small, direction: 'get' },
  { name: 'copy --to cluster, one big', target: '<= 0.5', files: 0, direction: 'put' },
  { name: 'get --from cluster, one big', target: '', files: 0, direction: 'get' },
  { name: `copy --to cluster, ${far} small, 50 ms`, target: '', files: far, far: true, direction: 'put' },
  { name: `get --from cluster, ${far} small, 50 ms`, target: '', files: far, far: true, direction: 'get' },
  { name: `8 clients copy ${far} small each`, target: '', files: far, clients: 8, direction: 'put' },
  { name: `8 clients get ${far} small each`, target: '', files: far, clients: 8, direction: 'get' },
  {
    name: `get ${small} small from the node itself`,
    target: '',
    files: small,
    direction: 'get',
    remote: 'direct',
  },
  {
    name: `get ${small} small from the node, proxied`,
    target: '',
    files: small,
    direction: 'get',
    remote: 'origin-n1',
  },
  { name: 'get one big from the node itself', target: '', files: 0, direction: 'get', remote: 'direct' },
  { name: 'get one big from the node, proxied', target: '', files: 0, direction: 'get', remote: 'origin-n1' },
];

interface Network {
  readonly scene: Scene;
  readonly sshd: Sshd;
  readonly farPort: number;
}

interface Cluster {
  readonly gateway: string;
  readonly nodes: readonly string[];
}

/** A gateway with three nodes on its disks, all recorded by git-annex. */
function makeCluster(scene: Scene): Cluster {
  const gateway = scene.init('gateway');
  scene.run(gateway, 'git', 'commit', '-q', '--allow-empty', '-m', 'start');
  const nodes = NODES.map((name) => {
    const path = scene.clone(gateway, name);
    scene.run(gateway, 'git', 'remote', 'add', '-f', name, path);
    scene.run(gateway, 'git', 'config', `remote.${name}.annex-cluster-node`, 'mine');
    return path;
  });
  for (const words of [['merge'], ['initcluster', 'mine'], ['updatecluster']])
    scene.annex(theirs, gateway, ...words);
  return { gateway, nodes };
}

/** A client with its own files; for a get they are in all nodes, and not in the client. */
function makeClient(
  { scene, sshd, farPort }: Network,
  cluster: Cluster,
  one: Case,
  side: Side,
  seed: string,
): string {
  const { gateway, nodes } = cluster;
  const client = scene.clone(gateway, `client${seed}`);
  if (one.files === 0) bigFile(join(client, 'big.dat'), given.big);
  else smallFiles(client, one.files, seed);
  scene.annex(ours, client, 'add', '--quiet', '.');
  scene.run(client, 'git', 'commit', '-q', '--no-verify', '-m', 'files');
  if (one.direction === 'get') {
    for (const [index, path] of nodes.entries()) {
      scene.run(client, 'git', 'remote', 'add', '-f', `direct${index}`, path);
      scene.annex(ours, client, 'copy', '--quiet', `--to=direct${index}`, '.');
    }
    scene.annex(ours, client, 'drop', '--quiet', '.');
    for (const index of nodes.keys()) scene.run(client, 'git', 'remote', 'remove', `direct${index}`);
  }
  scene.annex(theirs, client, 'sync', '--quiet', '--no-content');
  scene.annex(theirs, gateway, 'merge');
  const url = new URL(sshd.address);
  url.port = String(one.far ? farPort : sshd.port);
  url.pathname = one.remote === 'direct' ? (nodes[0] as string) : gateway;
  scene.run(client, 'git', 'config', 'remote.origin.url', url.href);
  if (one.remote === 'direct') scene.run(client, 'git', 'config', '--unset', 'remote.origin.annex-uuid');
  scene.run(client, 'git', 'config', 'remote.origin.annex-shell', side.shell);
  return client;
}

interface Result {
  readonly seconds: number;
  readonly memory: ServerMemory;
}

async function runOnce(network: Network, one: Case, side: Side): Promise<Result> {
  const { scene } = network;
  const cluster = makeCluster(scene);
  const seeds = Array.from({ length: one.clients ?? 1 }, (_, index) => (one.clients ? `c${index}x` : ''));
  const clients = seeds.map((seed) => makeClient(network, cluster, one, side, seed));
  const served = one.remote === 'direct' ? (cluster.nodes[0] as string) : cluster.gateway;
  const remote = one.remote === 'direct' ? 'origin' : (one.remote ?? 'origin-mine');
  const args = one.direction === 'put' ? ['copy', `--to=${remote}`] : ['get', `--from=${remote}`];
  const memoryOf = watchServers((line) => isServer(line, served));
  try {
    const began = process.hrtime.bigint();
    await Promise.all(
      clients.map((client, index) => {
        // Of several, each takes its own files: those of the others are in its tree, too.
        const own = seeds[index] ? [`--include=d${seeds[index]}*`] : [];
        return measure([...side.client.command, ...args, ...own, '.'], client, scene.env);
      }),
    );
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    check(scene, one, cluster, clients);
    return { seconds, memory: memoryOf() };
  } finally {
    memoryOf();
    for (const folder of [cluster.gateway, ...cluster.nodes, ...clients]) scene.remove(folder);
  }
}

/** A shell that serves that repository, and no ssh or sh on the way to it. */
const isServer = (line: string, path: string): boolean =>
  line.includes('p2pstdio') && line.includes(path) && !/^(?:\S*\/)?(?:ssh|sh|dash|bash) /.test(line);

/** Each node, or the client, has the contents, as git-annex sees it. */
function check(scene: Scene, one: Case, { nodes }: Cluster, clients: readonly string[]): void {
  const each = one.files === 0 ? 1 : one.files;
  const keys = (path: string) => scene.run(path, 'git-annex', 'findkeys').split('\n').length - 1;
  const [places, wanted] = one.direction === 'put' ? [nodes, each * clients.length] : [clients, each];
  for (const place of places)
    if (keys(place) !== wanted) throw new Error(`${one.name}: ${keys(place)} contents instead of ${wanted}`);
}

async function runCase(network: Network, one: Case): Promise<void> {
  const rows: Result[][] = sides.map(() => []);
  for (let round = 0; round < given.rounds; round++)
    for (const [index, side] of sides.entries()) rows[index]?.push(await runOnce(network, one, side));
  const seconds = rows.map((row) => median(row.map((result) => result.seconds)));
  console.log(`${one.name}${one.target && `, target ${one.target}`}`);
  for (const [index, { name }] of sides.entries()) {
    const memory = (of: keyof ServerMemory) =>
      `${Math.max(...(rows[index] ?? []).map((result) => result.memory[of])).toFixed(0)} MiB`;
    const ratio = ((seconds[index] ?? 0) / (seconds[0] ?? 1)).toFixed(3);
    const time = `${seconds[index]?.toFixed(2)} s`.padStart(9);
    console.log(
      `  ${name.padEnd(30)} ${time} ${ratio}  gateway ${memory('largest')}, together ${memory('together')}`,
    );
  }
}

async function main(): Promise<void> {
  if (given.help) return console.log(help);
  const scene = new Scene();
  const folder = scene.path('sshd');
  mkdirSync(folder);
  const sshd = await startSshd(folder);
  const relay = await startRelay(sshd.port, ROUND_TRIP / 2);
  try {
    provideSsh(scene, sshd, folder, [sshd.port, relay.port]);
    for (const one of cases.filter(({ name }) => given.chosen(name)))
      await runCase({ scene, sshd, farPort: relay.port }, one);
  } finally {
    relay.close();
    sshd.stop();
    scene.close();
  }
}

await main();
