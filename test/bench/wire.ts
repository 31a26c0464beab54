/** `npm run bench -- wire`: transfers over ssh and http by git-annex and by git-annex-ts, side by side. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join, resolve } from 'node:path';
import { type Sshd, startSshd } from '../support/sshd.js';
import { measure, median, watchServers } from './measure.js';
import { ours, ROUND_TRIP, readTransferOptions, theirs } from './options.js';
import { startRelay } from './relay.js';
import { bigFile, Scene, smallFiles, type Subject } from './scene.js';
import { provideSsh } from './ssh.js';
import { type WireCase, wireCases } from './wire-cases.js';

const given = readTransferOptions({ files: 2000, far: 200 });

const help = `npm run bench -- wire [options]
  --files N   small files where the server is near (default 2000)
  --far N     small files where it is 50 ms away (default 200)
  --big MIB   size of the big file (default 1024)
  --only TEXT only cases whose name holds TEXT (may be repeated)
  --rounds N  rounds of each case (default 1)`;

const bin = resolve('bin');

interface Wire {
  readonly scene: Scene;
  readonly sshd: Sshd;
  /** Port of a relay to the sshd, half a round trip each way. */
  readonly farPort: number;
}

/** A repository and its clone with `origin` behind the wire, contents where the case wants them. */
function repositories({ scene, sshd, farPort }: Wire, one: WireCase): { server: string; client: string } {
  const server = scene.init('server');
  if (one.big) bigFile(join(server, 'big.dat'), given.big);
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

async function runOnce(wire: Wire, one: WireCase, subject: Subject): Promise<number> {
  const { scene } = wire;
  const { server, client } = repositories(wire, one);
  const config = (name: string, value: string) => scene.run(client, 'git', 'config', name, value);
  const ourShell = one.serves !== undefined && subject === ours;
  if (ourShell) config('remote.origin.annex-shell', join(bin, 'git-annex-ts-shell'));
  const http = one.over === 'http' ? await serveHttp(scene, server) : undefined;
  if (http !== undefined) config('remote.origin.annexUrl', `annex+http://127.0.0.1:${http.port}/git-annex/`);
  config('annex.security.allowed-ip-addresses', 'all');
  const program = one.serves === 'subject' ? theirs : subject;
  const serverMemory = watchServers((commandLine) => commandLine.includes(` p2pstdio ${server} `));
  try {
    const { seconds, peakMiB } = await measure([...program.command, ...one.args], client, scene.env);
    notePeak(`${program.name} as client`, peakMiB);
    notePeak(`${ourShell ? 'git-annex-ts-shell' : 'git-annex-shell'} as server`, serverMemory().largest);
    check(scene, one, client, server);
    return seconds;
  } finally {
    serverMemory();
    http?.stop();
    for (const folder of [server, client]) scene.remove(folder);
  }
}

const peaks = new Map<string, number>();

function notePeak(name: string, peakMiB: number): void {
  if (peakMiB > 0) peaks.set(name, Math.max(peaks.get(name) ?? 0, peakMiB));
}

/** The contents are where the command puts them, as git-annex sees it. */
function check(scene: Scene, one: WireCase, client: string, server: string): void {
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
  bigFile(file, given.big);
  const user = new URL(sshd.address).username;
  const argv = ['ssh', '-p', String(sshd.port), `${user}@127.0.0.1`, `cat ${file}`];
  const { seconds } = await measure(argv, scene.root, scene.env);
  console.log(`${'ssh host cat of the big file'.padEnd(52)} ${seconds.toFixed(2)} s`);
}

async function main(): Promise<void> {
  if (given.help) return console.log(help);
  const scene = new Scene();
  const folder = scene.path('sshd');
  mkdirSync(folder);
  const sshd = await startSshd(folder);
  const relay = await startRelay(sshd.port, ROUND_TRIP / 2);
  const wire: Wire = { scene, sshd, farPort: relay.port };
  try {
    provideSsh(scene, sshd, folder, [sshd.port, relay.port]);
    if (given.chosen('ssh host cat')) await catSpeed(wire);
    const cases = wireCases(given.files, given.far);
    for (const one of cases.filter(({ name }) => given.chosen(name))) {
      const all = await inTurns(wire, one);
      print(one, all, one.far ? await inTurns(wire, { ...one, count: 1 }) : undefined);
    }
    for (const [name, peak] of peaks) console.log(`peak memory of ${name}: ${peak.toFixed(0)} MiB`);
  } finally {
    relay.close();
    sshd.stop();
    scene.close();
  }
}

type Times = Record<Subject['name'], number>;

/** Medians, in seconds, of both programs' runs. */
async function inTurns(wire: Wire, one: WireCase): Promise<Times> {
  const times: Record<Subject['name'], number[]> = { 'git-annex': [], 'git-annex-ts': [] };
  for (let round = 0; round < given.rounds; round++) {
    for (const subject of [theirs, ours]) times[subject.name].push(await runOnce(wire, one, subject));
  }
  return { 'git-annex': median(times['git-annex']), 'git-annex-ts': median(times['git-annex-ts']) };
}

/** @param single of the same with one file */
function print({ name, count, target }: WireCase, all: Times, single: Times | undefined): void {
  const each = (of: Subject['name']) => {
    const further = single && ((all[of] - single[of]) * 1000) / (count - 1);
    const more = further === undefined ? '' : `, each further ${further.toFixed(1)}`;
    return count > 1 ? ` (${((all[of] * 1000) / count).toFixed(1)} ms a file${more})` : '';
  };
  const shown = (of: Subject['name']) => `${all[of].toFixed(2)} s${each(of)}`.padEnd(44);
  const ratio = (all['git-annex-ts'] / all['git-annex']).toFixed(3).padEnd(8);
  console.log([name.padEnd(48), shown('git-annex-ts'), shown('git-annex'), ratio, target].join(' '));
}

await main();
