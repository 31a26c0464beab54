import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putOnBranch } from '../support/branch.js';
import { expectSound } from '../support/judge.js';
import { fillUpTo, type Mount, mountSmall } from '../support/mounts.js';
import { createNetwork } from '../support/network.js';
import { OUR_SHELL } from '../support/p2p-channels.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

/** A cluster of a node on a path, one on a small disk, and one on another machine whose shell can be made to fail. */
const FLAWED_SHELL = fileURLToPath(new URL('../support/flawed-shell.mjs', import.meta.url));
const CLIENT = '99999999-2222-4333-8444-555555555555';
const SIZE = 1 << 20;

let scene: Scene;
let disk: Mount | undefined;
let gateway: Repository;
let cluster: string;
const nodes = new Map<string, Repository>();
const names = new Map<string, string>();
let keys = 0;

beforeAll(() => {
  scene = createScene();
  const network = createNetwork(scene);
  disk = mountSmall(scene.path('disk'), 24 << 20);
  gateway = scene.create('gw', { by: 'real' });
  gateway.git('commit', '-q', '--allow-empty', '-m', 'first');
  for (const [name, path] of [
    ['n1', 'n1'],
    ['n2', 'disk/n2'],
    ['far', 'far/n3'],
    ['secret', 'secret'],
  ] as const) {
    const node = scene.clone('gw', path, { by: 'real' });
    node.git('remote', 'remove', 'origin');
    node.git('config', 'annex.diskreserve', '0');
    names.set(node.git('config', 'annex.uuid'), name);
    nodes.set(name, node);
    if (name === 'far') network.remote(gateway, 'far', node);
    else gateway.git('remote', 'add', '-f', name, node.path);
    if (name !== 'secret') gateway.git('config', `remote.${name}.annex-cluster-node`, 'mine');
  }
  gateway.must('real', 'merge', '-q');
  gateway.must('real', 'initcluster', 'mine');
  gateway.must('real', 'updatecluster');
  cluster = gateway.git('config', 'annex.cluster.mine');
  network.host('far', 'real');
  const shell = scene.path('net/far/git-annex-shell');
  writeFileSync(
    shell,
    `#!/bin/sh\nexec '${process.execPath}' '${FLAWED_SHELL}' '${flawFile()}' '${OUR_SHELL}' "$@"\n`,
  );
  chmodSync(shell, 0o755);
  flaw({});
});
afterAll(() => {
  disk?.unmount();
  scene?.remove();
});

interface Flaw {
  /** What the gateway says, or what the node says. */
  readonly of?: 'input' | 'output' | 'lines';
  readonly after?: number;
  readonly does?: 'dies' | 'hangs';
}
const flawFile = () => scene.path('flaw.json');
let hangs = false;
function flaw(how: Flaw): void {
  hangs = how.does === 'hangs';
  writeFileSync(flawFile(), JSON.stringify(how));
}

function uuidOf(node: string): string {
  return [...names].find(([, name]) => name === node)?.[0] as string;
}

interface Content {
  readonly key: string;
  readonly put: string;
}

function content(size = SIZE): Content {
  const bytes = Buffer.alloc(size, `content ${keys++} `).toString();
  const key = `SHA256E-s${size}--${createHash('sha256').update(bytes).digest('hex')}`;
  return { key, put: `PUT f ${key}\nDATA ${size}\n${bytes}VALID\n` };
}

const asking = (uuid: string, path = gateway.path) => [
  '-c',
  `git-annex-shell p2pstdio ${path} ${CLIENT}${uuid === '' ? '' : ` --uuid ${uuid}`}`,
];
/** An answer with the names of nodes for their uuids, sorted. */
function plain(line: string): string {
  const [word, ...uuids] = line.split(' ');
  return [word, ...uuids.map((uuid) => names.get(uuid) ?? uuid).sort()].join(' ');
}
/** A session after which nothing is left open. A gateway to a node that falls silent is not patient. */
function run(args: readonly string[], said: string, greeting = 'VERSION 4\n') {
  const seconds = hangs ? 1 : 100;
  const env = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'annex-ts.remote-timeout',
    GIT_CONFIG_VALUE_0: `${seconds}`,
  };
  return scene.run(OUR_SHELL, args, scene.directory, { input: greeting + said, env });
}
/** What a client of the cluster hears after the greetings. */
function says(said: string, greeting?: string): string[] {
  return run(asking(cluster), said, greeting)
    .stdout.split('\n')
    .filter((line) => !/^(AUTH-SUCCESS|VERSION) |^$/.test(line))
    .map(plain);
}

/** The nodes that the gateway thinks have a key. */
function recorded(key: string): string[] {
  const log = scene.run('git', ['grep', '-h', '', 'git-annex', '--', `*/${key}.log`], gateway.path).stdout;
  const lines = log.split('\n').map((line) => line.split(' '));
  return lines.flatMap(([, state, uuid = '']) => (state === '1' ? (names.get(uuid) ?? uuid) : [])).sort();
}
/** Those that really have it. */
function holders(key: string): string[] {
  const has = ({ path }: Repository) => scene.run('git-annex', ['contentlocation', key], path).status === 0;
  return [...nodes].flatMap(([name, node]) => (has(node) ? name : [])).sort();
}

const HALF = { of: 'input', after: SIZE / 2 } as const;
const CALL = { of: 'lines', after: 0 } as const;

describe('a node costs its own copy only', () => {
  it.each<[string, Flaw, Flaw]>([
    ['dies when it is called', { ...CALL, does: 'dies' }, { ...CALL, does: 'dies' }],
    ['says nothing when it is called', { ...CALL, does: 'hangs' }, { ...CALL, does: 'hangs' }],
    ['dies halfway', { ...HALF, does: 'dies' }, { of: 'lines', after: 2, does: 'dies' }],
    ['falls silent halfway', { ...HALF, does: 'hangs' }, { of: 'lines', after: 2, does: 'hangs' }],
    ['dies before it says what it did', { of: 'lines', after: 3, does: 'dies' }, {}],
  ])('when it %s', (_, storing, removing) => {
    const { key, put } = content();
    flaw(storing);
    expect(says(put)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n1 n2']);
    expect(recorded(key)).toEqual(['n1', 'n2']);
    flaw({});
    expect(says(`PUT f ${key}\n`)).toEqual(['ALREADY-HAVE-PLUS far n1 n2']);
    expect(recorded(key)).toEqual(['far', 'n1', 'n2']);
    if (removing.of !== undefined) {
      flaw(removing);
      expect(says(`REMOVE ${key}\n`)).toEqual(['FAILURE-PLUS n1 n2']);
      expect(recorded(key)).toEqual(['far']);
      flaw({});
    }
    expect(says(`REMOVE ${key}\n`)).toEqual(['SUCCESS-PLUS far n1 n2']);
    expect(recorded(key)).toEqual([]);
    expect(holders(key)).toEqual([]);
  });

  it('and where it is the only one that has a content, the client hears that it did not get it', () => {
    const { key, put } = content();
    expect(run(asking(uuidOf('far')), put).stdout).toContain('SUCCESS\n');
    expect(recorded(key)).toEqual(['far']);
    const get = (offset: number) =>
      run(asking(cluster), `GET ${offset} f ${key}\nSUCCESS\nCHECKPRESENT ${key}\n`);
    for (const does of ['dies', 'hangs'] as const) {
      flaw({ of: 'output', after: SIZE / 2, does });
      const cut = get(0);
      expect(cut.stdout.length).toBeLessThan(SIZE);
      expect(cut.stdout).not.toContain('VALID');
      expect(cut.status).not.toBe(0);
    }
    flaw({});
    expect(get(SIZE - 9).stdout).toMatch(/\nDATA 9\n.{9}VALID\nSUCCESS\n$/);
  });

  it('when its disk is full, from the start or in the middle', () => {
    const unfill = fillUpTo(disk as Mount, 512 << 10);
    const { key, put } = content();
    expect(says(put)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS far n1']);
    const unsized = { key: key.replace(/-s\d+/, ''), put: put.replace(/-s\d+/, '') };
    expect(says(unsized.put)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS far n1']);
    for (const one of [key, unsized.key]) expect(recorded(one)).toEqual(['far', 'n1']);
    unfill();
    for (const one of [key, unsized.key]) {
      expect(says(`PUT f ${one}\n`)).toEqual(['ALREADY-HAVE-PLUS far n1 n2']);
      expect(holders(one)).toEqual(['far', 'n1', 'n2']);
    }
  });
});

it('an upload that arrives by other ways as well at the same time is stored once, and none of them harms it', async () => {
  const { key, put } = content(8 << 20);
  const half = put.length >> 1;
  const shell = spawn(OUR_SHELL, asking(cluster), { env: scene.env, cwd: scene.directory });
  let said = '';
  shell.stdout.on('data', (piece) => {
    said += piece;
  });
  const ended = new Promise((resolve) => shell.on('close', resolve));
  shell.stdin.write(`VERSION 4\n${put.slice(0, half)}`);
  const there = () => existsSync(`${nodes.get('n1')?.path}/.git/annex/tmp/${key}`);
  await expect.poll(there, { timeout: 60_000 }).toBe(true);
  for (const [uuid, path] of [
    [cluster, gateway.path],
    [uuidOf('n1'), gateway.path],
    ['', nodes.get('n1')?.path],
  ] as const) {
    const { stdout } = run(asking(uuid, path), `PUT f ${key}\nCHECKPRESENT ${key}\n`);
    expect(stdout.split('\n').slice(2)).toEqual(['FAILURE', 'FAILURE', '']);
  }
  shell.stdin.end(put.slice(half));
  await ended;
  expect(said.split('\n').slice(2, -1).map(plain)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS far n1 n2']);
  expect(recorded(key)).toEqual(['far', 'n1', 'n2']);
});

it('clients that know no lists of nodes hear a plain answer, also when a node fails', () => {
  const { key, put } = content(60);
  const withoutValid = put.replace(/VALID\n$/, '');
  const said = `${withoutValid}PUT f ${key}\nREMOVE ${key}\n${withoutValid}`;
  expect(says(said, '')).toEqual([
    'PUT-FROM 0',
    'SUCCESS',
    'ALREADY-HAVE',
    'SUCCESS',
    'PUT-FROM 0',
    'SUCCESS',
  ]);
  flaw({ ...CALL, does: 'dies' });
  const other = content(60);
  expect(says(`${other.put}PUT f ${key}\nREMOVE ${key}\n`, 'VERSION 1\n')).toEqual([
    'PUT-FROM 0',
    'SUCCESS',
    'ALREADY-HAVE',
    'FAILURE',
  ]);
  flaw({});
});

it('what others wrote into the logs of proxies and clusters leads nobody anywhere', () => {
  const uuid = gateway.git('config', 'annex.uuid');
  const secret = uuidOf('secret');
  const honest = gateway.git('show', 'git-annex:proxy.log');
  const many = Array.from(
    { length: 10_000 },
    (_, i) => `${i.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
  );
  const bad = ['a/b', '..', '../../x', '-x', '$(touch x)', 'x y'].map((name, i) => `${many[i]}:${name}`);
  const listed = [
    `${secret}:secret`,
    `${uuid}:self`,
    `${CLIENT}:client`,
    ...bad,
    ...many.map((one) => `${one}:x${one}`),
  ];
  putOnBranch(
    scene,
    gateway,
    new Map([
      [
        'proxy.log',
        `${honest.replace(uuid, `${uuid} ${listed.slice(0, 3).join(' ')}`)}\n9999999999s ${secret} ${listed.join(' ')}\n`,
      ],
      [
        'cluster.log',
        `9999999999s ${cluster} ${[...names.keys(), cluster, uuid, CLIENT, ...many].join(' ')}\n`,
      ],
    ]),
  );
  const { key, put } = content(60);
  expect(says(`${put}CHECKPRESENT ${key}\n`)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS far n1 n2', 'SUCCESS']);
  const refused = run(asking(secret), put);
  expect(refused).toMatchObject({ stdout: '', status: expect.any(Number) });
  expect(refused.status).not.toBe(0);
  expect(holders(key)).toEqual(['far', 'n1', 'n2']);
  expect(says(`REMOVE ${key}\n`)).toEqual(['SUCCESS-PLUS far n1 n2']);
  for (const node of nodes.values()) expectSound(node, { dirty: true });
});
