import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { type Relay, startRelay } from '../support/relay.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { createSshClient, type SshClient } from '../support/ssh-client.js';
import { type Sshd, startSshd } from '../support/sshd.js';

let scene: Scene;
let sshd: Sshd;
let client: SshClient;
let relay: Relay | undefined;

beforeAll(async () => {
  scene = createScene();
  mkdirSync(scene.path('sshd'));
  sshd = await startSshd(scene.path('sshd'));
  // The scene's programs look for ssh in the same folder.
  client = createSshClient(join(scene.directory, 'home'), sshd);
});
afterAll(async () => {
  await relay?.stop();
  sshd?.stop();
  scene.remove();
});

/** A repository of git-annex with a few files, and a clone of it over ssh that nobody has initialised. */
function pair(name: string, files: readonly string[], size = 100): [server: Repository, clone: Repository] {
  const server = scene.create(`${name}/server`, { description: 'server' });
  server.git('config', 'user.name', 'Server');
  server.git('config', 'user.email', 'server@example.com');
  server.git('config', 'receive.denyCurrentBranch', 'updateInstead');
  for (const file of files) server.write(file, `${file}\n`.repeat(size));
  server.must('real', 'add', '-q', '.');
  server.git('commit', '-qm', 'files');
  server.must('real', 'sync', '-q');
  const url = `ssh://server${server.path}`;
  scene.run('git', ['clone', '-q', url, scene.path(name, 'clone')], scene.directory);
  return [server, scene.repository(join(name, 'clone'))];
}

const uuidOf = (repository: Repository) => repository.git('config', 'annex.uuid');
const whereis = (repository: Repository, file: string) => {
  const { whereis: places } = JSON.parse(repository.must('ours', 'whereis', '--json', file)) as {
    whereis: { uuid: string }[];
  };
  return places.map(({ uuid }) => uuid).sort();
};

/** The first three bytes of a file. */
function startOf(path: string | Buffer): string {
  const file = openSync(path, 'r');
  const start = Buffer.alloc(3);
  readSync(file, start);
  closeSync(file);
  return start.toString('latin1');
}

/** `n` is on both sides, `b` there. */
function moveAround(clone: Repository, there: string, here: string): void {
  expect(clone.must('ours', 'drop', 'n')).toContain('ok\n');
  expect(whereis(clone, 'n')).toEqual([there]);
  clone.must('ours', 'move', '--from', 'origin', 'b');
  expect(whereis(clone, 'b')).toEqual([here]);
  clone.must('ours', 'move', '--to', 'origin', 'b');
  expect(whereis(clone, 'b')).toEqual([there]);
  clone.must('ours', 'fsck', '--from', 'origin');
  expect(clone.must('ours', 'find', '--in', 'origin')).toBe('a\nb\nc d\nn\n');
  expect(clone.must('ours', 'info', '--fast', 'origin')).toContain('available: true');
}

describe.each(['library', 'system'])('a remote over the ssh of the %s', (kind) => {
  it('is found, and content is got, sent, checked, moved, dropped and synced', () => {
    const [server, clone] = pair(kind, ['a', 'b', 'c d']);
    if (kind === 'system') clone.git('config', 'annex-ts.ssh', 'system');
    clone.must('ours', 'init', 'clone');
    expect(clone.git('config', 'remote.origin.annex-uuid')).toBe(uuidOf(server));
    const [there, here] = [uuidOf(server), uuidOf(clone)];
    const both = [there, here].sort();

    expect(clone.must('ours', 'get', 'a', 'c d')).toContain('get a (from origin...) ok\n');
    expect(whereis(clone, 'c d')).toEqual(both);
    clone.write('n', 'new\n');
    clone.must('ours', 'add', '-q', 'n');
    clone.git('commit', '-qm', 'n');
    expect(clone.must('ours', 'copy', '--to', 'origin', 'n')).toContain('copy n (to origin...) ok\n');
    if (kind === 'library') moveAround(clone, there, here);

    clone.must('ours', 'sync', '--content');
    expect(clone.must('ours', 'find')).toBe('a\nb\nc d\nn\n');
    expect(server.git('show', 'main:n')).toMatch(/annex/);
    expect(scene.run('ls', [join(clone.path, '.git/annex/ssh')], clone.path).stdout).toBe('server.lock\n');
    if (kind === 'system') return;
    expectSound(clone);
    expectSound(server);
  });
});

describe('a remote over ssh', () => {
  it('without git-annex there is ignored from then on, one that does not answer is not', () => {
    const clone = scene.create('lone', { by: 'ours' });
    clone.git('remote', 'add', 'bare', `ssh://server${scene.path('nothing')}`);
    clone.git('config', 'remote.bare.annex-shell', 'no-such-shell');
    const first = clone.ours('info', '--fast');
    expect(first.stderr).toContain('Remote bare does not have git-annex installed; setting annex-ignore');
    expect(clone.git('config', 'remote.bare.annex-ignore')).toBe('true');
    expect(clone.ours('info', '--fast').stderr).toBe('');

    clone.git('remote', 'add', 'typo', `ssh://server${scene.path('lone')}/inside`);
    expect(clone.ours('info', '--fast').stderr).toContain('\nUnable to connect to repository typo');
    expect(clone.git('config', '--get', '--default', 'unset', 'remote.typo.annex-ignore')).toBe('unset');
    clone.git('remote', 'remove', 'typo');

    clone.git('remote', 'add', 'away', 'ssh://away.invalid/x');
    const second = clone.ours('info', '--fast');
    expect(second.stderr).toContain(
      'Unable to connect to repository away to get its annex.uuid configuration.',
    );
    expect(clone.git('config', '--get', '--default', 'unset', 'remote.away.annex-ignore')).toBe('unset');
    clone.git('config', 'remote.away.annex-uuid', '11111111-2222-4333-8444-555555555555');
    clone.write('f', 'f');
    clone.must('ours', 'add', '-q', 'f');
    clone.git('commit', '-qm', 'f');
    const dropped = clone.ours('drop', 'f');
    expect(dropped.status).toBe(1);
    const copied = clone.ours('copy', '--to', 'away', 'f');
    expect(copied.status).toBe(1);
    expect(`${copied.stdout}${copied.stderr}`).toMatch(/away\.invalid/);
    expect(`${copied.stdout}${copied.stderr}`).not.toMatch(/^ +at /m);
  });

  it('obeys the options and the ssh of the user', () => {
    const [, clone] = pair('options', ['a', 'b']);
    clone.must('ours', 'init', 'clone');
    const log = scene.path('log');
    const wrapper = scene.path('wrapper');
    writeFileSync(wrapper, `#!/bin/sh\necho "$@" >> ${log}\nexec ssh "$@"\n`, { mode: 0o755 });
    const logged = () => scene.run('sh', ['-c', `cat ${log}; rm ${log}`], scene.directory).stdout;
    clone.must('ours', '-c', `core.sshCommand=${wrapper}`, 'get', 'a');
    expect(logged()).toContain("git-annex-shell 'p2pstdio'");
    expect(scene.annex('ours', ['sync', '--content'], clone.path, { env: { GIT_SSH: wrapper } }).status).toBe(
      0,
    );
    expect(logged()).toMatch(/git-upload-pack[\s\S]*p2pstdio/);
    clone.must('ours', 'drop', 'a');
    clone.git('config', 'remote.origin.annex-ssh-options', '-o HostName=away.invalid');
    expect(clone.ours('get', 'a').status).toBe(1);
    expect(clone.ours('sync').stderr).toContain('away.invalid');
  });

  it('sends and gets large contents over an ssh made for them, or over the usual one where that is not to be had', () => {
    const [server, clone] = pair('large', ['a']);
    clone.must('ours', 'init', 'clone');
    for (const name of ['one', 'two']) {
      writeFileSync(clone.file(name), name);
      truncateSync(clone.file(name), (128 << 20) + 1);
    }
    clone.must('ours', 'add', '-q', '--backend=WORM', 'one', 'two');
    clone.git('commit', '-qm', 'large');
    const [log, refuse, bin] = [scene.path('large.log'), scene.path('refuse'), scene.path('large-bin')];
    const noted = `case "$*" in *p2pstdio*) echo "$*" >>'${log}'; test ! -e '${refuse}' || exit 255;; esac`;
    mkdirSync(bin);
    writeFileSync(join(bin, 'ssh'), `#!/bin/sh\n${noted}\nexec '${client.bin}/ssh' "$@"\n`, { mode: 0o755 });
    const env = { PATH: `${bin}:${scene.env['PATH']}` };
    const does = (...args: string[]) => {
      const { status, stderr } = scene.annex('ours', args, clone.path, { env });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const asked = existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
      rmSync(log, { force: true });
      return asked;
    };
    expect(does('copy', '-q', '--to=origin', 'one')).toBe(1);
    expect(does('drop', '-q', 'one')).toBe(0);
    expect(does('get', '-q', 'one')).toBe(1);
    writeFileSync(refuse, '');
    expect(does('move', '-q', '--to=origin', 'two')).toBe(1);
    rmSync(refuse);
    const uuid = uuidOf(server);
    for (const name of ['one', 'two']) {
      expect(whereis(clone, name)).toContain(uuid);
      const key = clone.must('real', 'lookupkey', name).trim();
      const there = join(server.path, server.must('real', 'contentlocation', key).trim());
      expect(statSync(there).size).toBe((128 << 20) + 1);
      expect(startOf(there)).toBe(name);
    }
    expect(startOf(clone.file('one'))).toBe('one');
  });

  it('is in step in the end although the server cuts every connection after a while', async () => {
    const files = Array.from({ length: 12 }, (_, i) => `f${i}`);
    const [server, clone] = pair('cut', files, 60_000);
    clone.must('ours', 'init', 'clone');
    relay = await startRelay(sshd.port, () => 600_000);
    client.configure({ Port: relay.port });
    try {
      let tries = 0;
      for (let done = false; !done; ) {
        // The relay lives in this process.
        const { status } = await scene.start('ours', ['sync', '--content'], clone.path).ended;
        done = status === 0;
        expect(++tries).toBeLessThan(8);
      }
      expect(relay.count).toBeGreaterThan(2);
    } finally {
      client.configure();
    }
    expect(clone.must('ours', 'find')).toBe(`${[...files].sort().join('\n')}\n`);
    expectSound(clone);
    expectSound(server);
  });
});

it('a removal that cannot be made is not recorded, whatever was known before', () => {
  const [server, clone] = pair('unreachable', ['known', 'unknown']);
  clone.must('ours', 'init', 'clone');
  clone.must('ours', 'get', '.');
  clone.git('config', 'remote.origin.url', 'ssh://127.0.0.1:1/nowhere');
  clone.must('real', 'setpresentkey', clone.must('real', 'lookupkey', 'unknown').trim(), uuidOf(server), '0');
  const before = ['known', 'unknown'].map((file) => whereis(clone, file));
  expect(before[1]).toEqual([uuidOf(clone)]);
  expect(clone.ours('drop', '--force', '--from', 'origin', '.').status).toBe(1);
  expect(['known', 'unknown'].map((file) => whereis(clone, file))).toEqual(before);
});
