import { mkdirSync, renameSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { startSshd, type Sshd } from '../support/sshd.js';

/** A gateway with a cluster of three nodes and a client of it, of which each test gets copies. */
const NODES = ['n1', 'n2', 'n3'] as const;

let scene: Scene;
let sshd: Sshd;

beforeAll(async () => {
  scene = createScene();
  mkdirSync(scene.path('sshd'));
  sshd = await startSshd(scene.path('sshd'));
  const gateway = scene.create('start/gw', { by: 'real', description: 'gw' });
  for (const name of ['f1', 'f2', 'f3']) gateway.write(name, `content of ${name}\n`);
  gateway.must('real', 'add', '-q', '.');
  gateway.git('commit', '-qm', 'files');
  for (const name of NODES) {
    scene.clone('start/gw', `start/${name}`, { by: 'real', description: name });
    gateway.git('remote', 'add', '-f', name, `../${name}`);
    gateway.git('config', `remote.${name}.annex-cluster-node`, 'mine');
  }
  gateway.must('real', 'merge', '-q');
  gateway.must('real', 'initcluster', 'mine');
  gateway.must('real', 'updatecluster');
  const client = scene.clone('start/gw', 'start/client', { by: 'real', description: 'client' });
  client.must('real', 'get', '-q', '.');
  client.git('config', 'annex.ssh-options', sshd.options);
  client.git('config', 'core.sshCommand', sshd.command);
  client.git('config', 'remote.origin.annex-shell', 'git-annex-shell');
});
afterAll(() => {
  sshd?.stop();
  scene.remove();
});

interface Site {
  readonly gateway: Repository;
  readonly client: Repository;
}

function site(name: string): Site {
  scene.copy('start', name);
  const [gateway, client] = [scene.repository(`${name}/gw`), scene.repository(`${name}/client`)];
  client.git('remote', 'set-url', 'origin', `${sshd.address}${gateway.path}`);
  return { gateway, client };
}

const steps = (output: string) =>
  output
    .match(/^(?:get|copy|drop) .*$/gm)
    ?.map(plain)
    .sort() ?? [];
const plain = (line: string) => line.replace(/\s*(?:\r.*|ok)?$/, '');
const holders = (repository: Repository, file: string) =>
  (JSON.parse(repository.must('real', 'whereis', '--json', file)).whereis as { description: string }[]).map(
    ({ description }) => description.replace(/ ?\[.*/, ''),
  );

it('sync --content decides as git-annex does, and fills nodes that it leaves without', () => {
  const sides = { real: site('real'), ours: site('ours') };
  const both = (work: (side: Site) => unknown) => [sides.real, sides.ours].forEach(work);
  const sync = () => {
    const real = steps(sides.real.client.must('real', 'sync', '--content'));
    expect(steps(sides.ours.client.must('ours', 'sync', '--content'))).toEqual(real);
    return real;
  };
  both(({ client }) => {
    client.write('new', 'new\n');
    client.must('real', 'add', '-q', 'new');
    client.git('commit', '-qm', 'new');
  });
  const cluster = (file: string) => `copy ${file} (to origin-mine...)`;
  expect(sync()).toEqual([...['f1', 'f2', 'f3', 'new'].map(cluster), 'copy new (to origin...)'].sort());
  expect(holders(sides.ours.client, 'new')).toEqual(holders(sides.real.client, 'new'));
  expect(holders(sides.ours.client, 'new')).toHaveLength(6);
  expect(steps(sides.ours.client.must('ours', 'sync', '--content'))).toEqual([]);

  both(({ client }) => {
    client.must('real', 'wanted', 'origin-mine', 'exclude=f1');
    client.must('real', 'wanted', 'origin', 'nothing');
  });
  expect(sync().filter((step) => step.includes('f1'))).toEqual([
    'drop f1 (from origin-mine...)',
    'drop f1 (from origin...)',
  ]);

  // One node lost its copy: for git-annex the cluster has it, and all is well.
  const { client } = sides.ours;
  client.must('real', 'drop', '-q', '--from=origin-n2', 'f2', 'f3');
  client.must('real', 'wanted', 'origin-n2', 'exclude=f3');
  expect(client.must('ours', 'sync', '--content', '--dry-run')).toContain('put f2 to origin-n2 (');
  expect(steps(client.must('ours', 'sync', '--content'))).toEqual(['copy f2 (to origin-n2...)']);
  expect(holders(client, 'f2')).toContain('n2');
  expect(holders(client, 'f3')).not.toContain('n2');
});

it('updatecluster --fill brings nodes what others have, and a node that is gone fails alone', () => {
  const { gateway, client } = site('fill');
  const n3 = scene.path('fill/n3');
  client.must('real', 'copy', '-q', '--to', 'origin-n1', 'f1', 'f2');
  client.must('real', 'copy', '-q', '--to', 'origin-n2', 'f3');
  client.must('real', 'wanted', 'origin-n2', 'exclude=f2');
  for (const node of ['n1', 'n3']) client.must('real', 'group', `origin-${node}`, 'few');
  client.must('real', 'groupwanted', 'few', 'not (copies=few:1) or include=f2');
  for (const node of ['n1', 'n3']) client.must('real', 'wanted', `origin-${node}`, 'groupwanted');
  client.must('real', 'sync', '-q', '--no-content');
  gateway.must('real', 'merge', '-q');
  // n1 and n3 want one f3 between them; f2 is wanted by n3, f1 by n2.
  const dry = gateway.must('ours', 'updatecluster', '--fill', '--dry-run');
  expect(
    dry
      .match(/^fill .*$/gm)
      ?.map((line) => line.replace(/ \(.*/, ''))
      .sort(),
  ).toEqual(['fill f1 to n2', 'fill f2 to n3', 'fill f3 to n1']);

  renameSync(n3, `${n3}.away`);
  gateway.must('real', 'maxsize', 'n1', '1kb');
  const info = JSON.parse(gateway.must('ours', 'info', '--json', 'mine'));
  const facts = (info['cluster nodes'] as Record<string, unknown>[]).map((node) =>
    ['remote', 'keys', 'reachable', 'percent-full'].map((fact) => node[fact]),
  );
  expect(facts.sort()).toEqual([
    ['n1', 2, true, 2.8],
    ['n2', 1, true, undefined],
    ['n3', 0, false, undefined],
  ]);
  expect(gateway.must('ours', 'info', 'mine')).toMatch(/\[n3\]: 0 bytes, not reachable: .*, idle\n/);
  const first = gateway.ours('updatecluster', '--fill', '--json');
  const ended = first.stdout
    .split('\n')
    .filter((line) => line.includes('"command":"fill"'))
    .map((line) => JSON.parse(line));
  expect(ended.map(({ file, success, remote }) => `${file} ${remote} ${success}`).sort()).toEqual([
    'f1 n2 true',
    'f2 n3 false',
    'f3 n1 true',
  ]);
  expect(first.status).toBe(1);
  renameSync(`${n3}.away`, n3);
  expect(gateway.must('ours', 'updatecluster', '--fill')).toContain('fill f2 (to n3...) ok\n');
  expect(gateway.must('ours', 'updatecluster', '--fill')).toContain('No content to fill in cluster: mine\n');
  // The cluster, the client, the gateway and two nodes.
  expect(holders(gateway, 'f3')).toHaveLength(5);
  for (const name of NODES) scene.repository(`fill/${name}`).must('real', 'fsck', '-q');
});
