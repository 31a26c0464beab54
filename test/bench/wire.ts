/** `npm run bench -- wire`: transfers over ssh and http by git-annex and by git-annex-ts, side by side. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Sshd, startSshd } from '../support/sshd.js';
import { measure, median } from './measure.js';
import { startRelay } from './relay.js';
import { bigFile, Scene, smallFiles, type Subject } from './scene.js';
import { provideSsh } from './ssh.js';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '2000' },
    far: { type: 'string', default: '200' },
    big: { type: 'string', default: '1024' },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

const help = `npm run bench -- wire [options]
  --files N   small files where the server is near (default 2000)
  --far N     small files where it is 50 ms away (default 200)
  --big MIB   size of the big file (default 1024)
  --only TEXT only cases whose name holds TEXT (may be repeated)
  --rounds N  rounds of each case (default 1)`;

const ROUND_TRIP = 50;
const ours: Subject = { name: 'git-annex-ts', command: [process.execPath, resolve('bin/git-annex-ts')] };
const theirs: Subject = { name: 'git-annex', command: ['git-annex'] };
const bin = resolve('bin');

interface Wire {
  readonly scene: Scene;
  readonly sshd: Sshd;
  /** Port of a relay to the sshd, half a round trip each way. */
  readonly farPort: number;
}

interface Case {
  readonly name: string;
  /** What is aimed at. */
  readonly target: string;
  /** Files that are moved. */
  readonly count: number;
  readonly big?: boolean;
  /** Where the contents are before. */
  readonly at: 'here' | 'there' | 'both';
  readonly args: readonly string[];
  readonly far?: boolean;
  readonly over?: 'http';
  /** Which program serves; the client is the other way round then: always git-annex. */
  readonly servers?: true;
}

const [small, far] = [Number(values.files), Number(values.far)];
const get = { at: 'there', args: ['get', '.'] } as const;
const put = { at: 'here', args: ['copy', '--to=origin', '.'] } as const;
const big = { count: 1, big: true } as const;
const cases: readonly Case[] = [
  { name: `get ${small} small, ssh`, target: 'ratio <= 0.2', count: small, ...get },
  { name: `copy --to ${small} small, ssh`, target: '', count: small, ...put },
  { name: `get ${far} small, ssh 50 ms`, target: '<= 4 ms a file', count: far, far: true, ...get },
  {
    name: `presence (fsck --fast --from) of ${far}, ssh 50 ms`,
    target: '<= 0.5 ms a file',
    ...{ count: far, far: true, at: 'both', args: ['fsck', '--fast', '--from=origin'] },
  },
  { name: `copy --to ${far} small, ssh 50 ms`, target: '<= 60 ms a file', count: far, far: true, ...put },
  {
    name: `copy --to -J4 ${far} small, ssh 50 ms`,
    target: '<= 15 ms a file',
    ...{ count: far, far: true, at: 'here', args: ['copy', '-J4', '--to=origin', '.'] },
  },
  {
    name: `drop ${far} small, ssh 50 ms`,
    target: '',
    count: far,
    far: true,
    at: 'both',
    args: ['drop', '.'],
  },
  { name: 'get one big file, ssh', target: 'ratio <= 0.6', ...big, ...get },
  { name: 'copy --to one big file, ssh', target: 'ratio <= 0.6', ...big, ...put },
  { name: `get ${small} small, http`, target: '', count: small, over: 'http', ...get },
  { name: `copy --to ${small} small, http`, target: '', count: small, over: 'http', ...put },
  { name: 'get one big file, http', target: 'ratio <= 0.6', over: 'http', ...big, ...get },
  { name: 'copy --to one big file, http', target: 'ratio <= 0.6', over: 'http', ...big, ...put },
  { name: `shell serves git-annex get ${small}`, target: 'ratio <= 1', count: small, servers: true, ...get },
  { name: `shell serves git-annex copy ${small}`, target: 'ratio <= 1', count: small, servers: true, ...put },
  { name: 'shell serves git-annex get big', target: 'ratio <= 1', servers: true, ...big, ...get },
  { name: 'shell serves git-annex copy big', target: 'ratio <= 1', servers: true, ...big, ...put },
];

/** A repository and its clone with `origin` behind the wire, contents where the case wants them. */
function repositories({ scene, sshd, farPort }: Wire, one: Case): { server: string; client: string } {
  const server = scene.init('server');
  if (one.big) bigFile(join(server, 'big.dat'), Number(values.big) << 20);
  else smallFiles(server, one.count);
  scene.annex(ours, server, 'add', '--quiet', '.');
  scene.run(server, 'git', 'commit', '-q', '--no-verify', '-m', 'files');
  const client = scene.clone(server, 'client');
  if (one.at !== 'there') scene.annex(ours, client, 'get', '--quiet', '.');
  if (one.at === 'here') scene.annex(ours, client, 'move', '--quiet', '--force', '--from=origin', '.');
  // Both have merged what the other recorded, so that this is not measured.
  scene.annex(theirs, client, 'sync', '--quiet', '--no-content');
  const url = new URL(sshd.address);
  url.port = String(one.far ? farPort : sshd.port);
  url.pathname = server;
  scene.run(client, 'git', 'config', 'remote.origin.url', url.href);
  return { server, client };
}

async function runOnce(wire: Wire, one: Case, subject: Subject): Promise<number> {
  const { scene } = wire;
  const { server, client } = repositories(wire, one);
  const config = (name: string, value: string) => scene.run(client, 'git', 'config', name, value);
  if (one.servers && subject === ours) config('remote.origin.annex-shell', join(bin, 'git-annex-ts-shell'));
  const http = one.over === 'http' ? await serveHttp(scene, server) : undefined;
  if (http !== undefined) config('remote.origin.annexUrl', `annex+http://127.0.0.1:${http.port}/git-annex/`);
  config('annex.security.allowed-ip-addresses', 'all');
  const program = one.servers ? theirs : subject;
  try {
    const { seconds, peakMiB } = await measure([...program.command, ...one.args], client, scene.env);
    peaks.set(program.name, Math.max(peaks.get(program.name) ?? 0, peakMiB));
    check(scene, one, client, server);
    return seconds;
  } finally {
    http?.stop();
    for (const folder of [server, client]) scene.remove(folder);
  }
}

const peaks = new Map<string, number>();

/** The contents are where the command puts them, as git-annex sees it. */
function check(scene: Scene, one: Case, client: string, server: string): void {
  const present = (dir: string) => scene.run(dir, 'git-annex', 'find', '--in=here').split('\n').length - 1;
  const [word] = one.args;
  const [dir, wanted] = word === 'copy' ? [server, one.count] : [client, word === 'drop' ? 0 : one.count];
  if (present(dir) !== wanted) throw new Error(`${one.name}: ${present(dir)} files instead of ${wanted}`);
}

async function serveHttp(scene: Scene, server: string): Promise<{ port: number; stop(): void }> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const args = ['p2phttp', '-J20', '--wideopen', '--bind', '127.0.0.1', '--port', String(port)];
  const child = spawn('git-annex', args, { cwd: server, env: scene.env, stdio: 'ignore' });
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 100) throw new Error('git-annex p2phttp does not answer');
    await new Promise((done) => setTimeout(done, 100));
  }
  return { port, stop: () => void child.kill() };
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('error', () => done(false)).on('connect', () => done(true) ?? socket.destroy());
  });
}

async function catSpeed({ scene, sshd }: Wire): Promise<void> {
  const file = scene.path('cat');
  bigFile(file, Number(values.big) << 20);
  const user = new URL(sshd.address).username;
  const argv = ['ssh', '-p', String(sshd.port), `${user}@127.0.0.1`, `cat ${file}`];
  const { seconds } = await measure(argv, scene.root, scene.env);
  console.log(`${'ssh host cat of the big file'.padEnd(52)} ${seconds.toFixed(2)} s`);
}

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const scene = new Scene();
  const folder = scene.path('sshd');
  mkdirSync(folder);
  const sshd = await startSshd(folder);
  const relay = await startRelay(sshd.port, ROUND_TRIP / 2);
  const wire: Wire = { scene, sshd, farPort: relay.port };
  const chosen = (name: string) =>
    values.only.length === 0 || values.only.some((text) => name.includes(text));
  try {
    provideSsh(scene, sshd, folder, [sshd.port, relay.port]);
    if (chosen('ssh host cat')) await catSpeed(wire);
    for (const one of cases.filter(({ name }) => chosen(name))) {
      const times: Record<Subject['name'], number[]> = { 'git-annex': [], 'git-annex-ts': [] };
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const subject of [theirs, ours]) times[subject.name].push(await runOnce(wire, one, subject));
      }
      print(one, median(times['git-annex-ts']), median(times['git-annex']));
    }
    for (const [name, peak] of peaks) console.log(`peak memory of ${name} as client: ${peak.toFixed(0)} MiB`);
  } finally {
    relay.close();
    sshd.stop();
    scene.close();
  }
}

function print({ name, count, target }: Case, mine: number, other: number): void {
  const each = (seconds: number) =>
    count > 1 ? ` (${((seconds * 1000) / count).toFixed(1)} ms a file)` : '';
  const cells = [
    name.padEnd(52),
    `${mine.toFixed(2)} s${each(mine)}`.padEnd(28),
    `${other.toFixed(2)} s${each(other)}`.padEnd(28),
    (mine / other).toFixed(3).padEnd(8),
    target,
  ];
  console.log(cells.join(' '));
}

await main();
