import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogTwins, type LogTwins } from '../support/log-twins.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;

/** A gateway with three remotes and two clusters, and a clone of it that reaches it (as far as it knows) over ssh. */
beforeAll(() => {
  scene = createScene();
  const gateway = scene.create('start/gw', { description: 'gw' });
  gateway.write('f', 'f\n');
  gateway.must('real', 'add', '-q', 'f');
  gateway.git('commit', '-qm', 'f');
  for (const name of ['n1', 'n2', 'n3']) {
    scene.clone('start/gw', `start/${name}`, { description: `the ${name}` });
    gateway.git('remote', 'add', '-f', name, `../${name}`);
  }
  gateway.must('real', 'merge');
  gateway.must('real', 'initcluster', 'mine');
  gateway.must('real', 'initcluster', 'other', 'my desc');
});
afterAll(() => scene.remove());

function inBoth({ real, ours }: LogTwins, change: (repository: Repository) => unknown): void {
  change(real);
  change(ours);
}

const node = (name: string, ...clusters: string[]) => {
  const option = `remote.${name}.annex-cluster-node`;
  return (repository: Repository) =>
    repository.git('config', ...(clusters.length > 0 ? [option, clusters.join(' ')] : ['--unset', option]));
};

describe('clusters are recorded as git-annex records them', () => {
  it('with nodes added and removed, and other proxies', () => {
    const twins = createLogTwins(scene, 'start', 'gw');
    twins.same(['initcluster', 'mine', 'again']);
    twins.same(['updatecluster']);
    inBoth(twins, node('n1', 'mine'));
    inBoth(twins, node('n2', 'mine', 'other'));
    inBoth(twins, node('n3', 'nonesuch'));
    const { stdout } = twins.same(['updatecluster']);
    expect(stdout).toContain('Added node n2 to cluster: other\n');
    twins.same(['updatecluster']);
    inBoth(twins, node('n3'));
    inBoth(twins, (repository) => repository.git('config', 'remote.n3.annex-proxy', 'true'));
    inBoth(twins, node('n2'));
    twins.same(['updateproxy']);
    expect(twins.same(['updatecluster']).stdout).toContain('Removed node the n2 [n2] from cluster: mine\n');
    inBoth(twins, node('n1'));
    twins.same(['updatecluster']);
    expect(twins.ours.git('show', 'git-annex:cluster.log')).toMatch(/ ac\S+ ?$/m);
    twins.sameLogs(['updatecluster', 'foo']);
    twins.sameLogs(['updateproxy', 'foo']);
    expect(twins.sameLogs(['extendcluster', 'n1', 'mine']).stderr).toContain(
      'there is no available git remote named "n1-mine"',
    );
    expect(twins.same(['initcluster', 'no good']).stdout).toBe('initcluster no good \nfailed\n');
  });

  it('by a second gateway, whose nodes the first leaves alone', () => {
    const first = scene.repository('start/gw');
    scene.copy('start', 'two');
    const gateway = scene.repository('two/gw');
    node('n1', 'mine')(gateway);
    node('n2', 'mine')(gateway);
    gateway.must('real', 'updatecluster');
    const second = scene.clone('two/gw', 'two/gw2', { description: 'gw2' });
    second.must('real', 'merge');
    second.git('remote', 'set-url', 'origin', 'ssh://127.0.0.1:1/nowhere');
    second.git('config', 'remote.origin.annex-uuid', first.git('config', 'annex.uuid'));
    second.git('remote', 'add', 'n3', '../n3');
    const twins = createLogTwins(scene, 'two', 'gw2');
    inBoth(twins, node('n3', 'mine'));
    expect(twins.same(['extendcluster', 'origin', 'mine']).stdout).toContain(
      'Started proxying for origin-n2',
    );
    twins.same(['updatecluster']);
    twins.same(['extendcluster', 'origin', 'mine']);
    for (const option of ['annex.cluster.mine', 'remote.origin.annex-cluster-gateway']) {
      expect(twins.ours.git('config', option)).toBe(twins.real.git('config', option));
    }

    const back = scene.repository(twins.ours.path.replace(`${scene.directory}/`, '').replace(/gw2$/, 'gw'));
    back.git('fetch', '-q', '../gw2', '+git-annex:refs/remotes/gw2/git-annex');
    const { stdout } = back.ours('updatecluster');
    expect(stdout).toContain('No cluster node changes for cluster: mine\n');
    expect(back.git('show', 'git-annex:cluster.log').split('\n').at(-1)?.split(' ')).toHaveLength(5);
  });
});

describe('clusters of our own', () => {
  it('are initialised with a uuid that git-annex takes for a cluster', () => {
    scene.copy('start', 'own');
    const gateway = scene.repository('own/gw');
    expect(gateway.ours('initcluster', 'dry', '-n').stdout).toBe('initcluster dry ok\n');
    expect(gateway.ours('initcluster', 'fresh').stdout).toBe(
      'initcluster fresh ok\n(recording state in git...)\n',
    );
    const uuid = gateway.git('config', 'annex.cluster.fresh');
    expect(uuid).toMatch(/^ac[0-9a-f]{6}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    node('n1', 'fresh')(gateway);
    expect(gateway.real('updatecluster').stdout).toContain('Added node n1 to cluster: fresh\n');
    expect(gateway.real('whereis', '--json', 'f').stdout).toContain('"gw"');
    expect(gateway.git('show', 'git-annex:uuid.log')).toContain(`${uuid} cluster fresh timestamp=`);
  });

  it('can be renamed and removed, tried first, and read as JSON', () => {
    scene.copy('start', 'changed');
    const gateway = scene.repository('changed/gw');
    node('n1', 'mine', 'other')(gateway);
    const dry = gateway.ours('updatecluster', '--dry-run');
    expect(dry.stdout).toContain('Added node n1 to cluster: mine\n');
    expect(gateway.git('ls-tree', '--name-only', 'git-annex')).not.toContain('cluster.log');
    const [first] = gateway.ours('updatecluster', '--json').stdout.split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({
      command: 'updatecluster',
      cluster: 'mine',
      added: ['n1'],
    });

    const { stdout } = gateway.ours('updatecluster', '--rename=mine=yours');
    expect(stdout).toContain('Started proxying for yours\n');
    expect(stdout).toContain('Stopped proxying for mine\n');
    expect(gateway.git('config', 'remote.n1.annex-cluster-node')).toBe('yours other');
    expect(gateway.git('show', 'git-annex:uuid.log')).toContain(' cluster yours ');
    expect(gateway.real('updatecluster').stdout).toContain('No proxy changes to record.\n');

    const removed = gateway.ours('updatecluster', '--remove=yours').stdout;
    expect(removed).toContain('Removed node the n1 [n1] from cluster: yours\n');
    expect(removed).toContain('Stopped proxying for yours\n');
    expect(gateway.git('config', 'remote.n1.annex-cluster-node')).toBe('other');
    expect(gateway.real('updatecluster').stdout).toContain('No proxy changes to record.\n');
    expect(gateway.ours('updatecluster', '--remove=yours')).toMatchObject({ status: 1, stdout: '' });
    expect(gateway.ours('updatecluster', '--rename=other')).toMatchObject({ status: 1, stdout: '' });
  });
});
