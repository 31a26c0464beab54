import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { expectSound } from '../support/judge.js';
import { createScene, killGroup, type Repository, type Scene } from '../support/scene.js';
import { startSshd, type Sshd } from '../support/sshd.js';

/** The real git-annex as client of our shell behind a real sshd, where it is found under git-annex-shell's name. */
const OURS = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));
const BIG = 6 << 20;

let scene: Scene;
let sshd: Sshd;
let client: Repository;

beforeAll(async () => {
  scene = createScene();
  mkdirSync(scene.path('sshd'));
  mkdirSync(scene.path('bin'));
  symlinkSync(OURS, scene.path('bin/git-annex-shell'));
  // Leaves its process id, so that a test can kill it.
  const killable = `#!/bin/sh\necho $$ >'${scene.path('server.pid')}'\nexec '${OURS}' "$@"\n`;
  writeFileSync(scene.path('bin/killable-shell'), killable, { mode: 0o755 });
  sshd = await startSshd(scene.path('sshd'));
  client = scene.create('client', { description: 'client' });
  for (const name of ['a', 'b', 'c']) client.write(name, `content of ${name}\n`);
  client.write('u', 'unlocked here\n');
  client.must('real', 'add', '-q', '.');
  client.must('real', 'unlock', '-q', 'u');
  client.git('commit', '-qm', 'files');
  client.git('config', 'annex.ssh-options', sshd.options);
  client.git('config', 'core.sshCommand', sshd.command);
});
afterAll(() => {
  sshd?.stop();
  scene.remove();
});

function addServer(name: string, bare: boolean, shell = 'git-annex-shell'): Repository {
  const server = scene.create(name, { by: 'none', bare });
  client.git('remote', 'add', name, `${sshd.address}${server.path}`);
  client.git('config', `remote.${name}.annex-shell`, scene.path('bin', shell));
  if (!bare) server.git('config', 'receive.denyCurrentBranch', 'updateInstead');
  client.git('push', '-q', name, 'main', 'git-annex');
  if (!bare) server.git('reset', '--hard', '-q', 'main');
  return server;
}

const here = (...names: string[]) => names.filter((name) => client.real('find', name).stdout !== '');

const allThere = () => here('a', 'b', 'c', 'u').length === 4;
let bare: Repository;

it('a bare repository is initialised, and serves everything that git-annex asks for', () => {
  bare = addServer('bare', true);
  client.must('real', 'copy', '-q', '--to', 'bare', '.');
  expect(bare.git('config', 'annex.uuid')).toBe(client.git('config', 'remote.bare.annex-uuid'));
  client.must('real', 'drop', '-q', 'a', 'b', 'u');
  expect(here('a', 'b', 'u')).toEqual([]);
  client.must('real', 'get', '-q', '--from', 'bare', 'a', 'u');
  expect(readFileSync(client.file('u'), 'utf8')).toBe('unlocked here\n');
  client.must('real', 'move', '-q', '--from', 'bare', 'b');
  client.must('real', 'move', '-q', '--to', 'bare', 'c');
  expect(here('a', 'b', 'c')).toEqual(['a', 'b']);
  client.must('real', 'drop', '-q', '--from', 'bare', 'a');
  expect(client.real('fsck', '--from', 'bare', 'c', 'u').stdout.match(/ok$/gm)).toHaveLength(2);
  client.must('real', 'sync', '-q', '--content', '--no-resolvemerge', 'bare');
  expect(allThere()).toBe(true);
  for (const file of ['a', 'b', 'c', 'u'])
    expect(client.real('whereis', '--json', file).stdout).toContain(bare.git('config', 'annex.uuid'));
  expectSound(bare, { dirty: true });
});

it('a repository with a work tree is initialised and served, but no modified unlocked file as its key', () => {
  const server = addServer('thin', false);
  server.git('config', 'annex.thin', 'true');
  client.must('real', 'sync', '-q', '--content', '--no-resolvemerge', 'thin');
  expect(server.git('config', 'annex.uuid')).toBe(client.git('config', 'remote.thin.annex-uuid'));
  expect(server.must('real', 'find')).toBe('a\nb\nc\nu\n');
  expectSound(server, { dirty: true });
  server.must('real', 'fix', '-q', 'u');
  server.write('u', 'unlocked HERE\n');
  client.must('real', 'drop', '-q', '--force', 'u');
  client.real('get', '--from', 'thin', 'u');
  const got = readFileSync(client.file('u'), 'utf8');
  expect(got).not.toBe('unlocked HERE\n');
  client.must('real', 'get', '-q', '--from', 'bare', 'u');
  expect(readFileSync(client.file('u'), 'utf8')).toBe('unlocked here\n');
});

describe('a transfer that was interrupted', () => {
  let server: Repository;
  let key: string;
  const partial = (repository: Repository) => `${repository.gitDirectory}/annex/tmp/${key}`;
  const bytesIn = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

  /** Starts a slow transfer, waits until it has brought some of it, and kills one side of it; the client must have said something. */
  async function interrupt(
    command: readonly string[],
    receiver: Repository,
    side: 'client' | 'server',
    said = /^/,
  ) {
    client.git('config', 'remote.cut.annex-bwlimit', '1MiB');
    // It would go on by itself where a connection that brought something on breaks.
    const once = ['-c', 'annex.forward-retry=0'];
    const { child, ended } = scene.start('real', [...command, ...once], client.path);
    const over = new Set<string>();
    void ended.then(() => over.add('ended'));
    const enough = bytesIn(partial(receiver)) + BIG / 8;
    while (bytesIn(partial(receiver)) < enough && over.size === 0) await pause(20);
    expect(over.size, 'the transfer was over before it could be cut').toBe(0);
    if (side === 'client') killGroup(child.pid as number);
    else process.kill(Number(readFileSync(scene.path('server.pid'), 'utf8')), 'SIGKILL');
    const { status, stderr } = await ended;
    expect(status).not.toBe(0);
    expect(stderr).toMatch(said);
    client.git('config', '--unset', 'remote.cut.annex-bwlimit');
  }

  beforeAll(() => {
    server = addServer('cut', true, 'killable-shell');
    client.write('big', randomBytes(BIG));
    client.must('real', 'add', '-q', 'big');
    client.git('commit', '-qm', 'big');
    key = client.must('real', 'lookupkey', 'big').trim();
    client.must('real', 'copy', '-q', '--to', 'cut', 'a');
  });

  it('by kill -9 of one side is taken up where it was, both ways', async () => {
    await interrupt(['copy', '--to', 'cut', 'big'], server, 'client');
    await serverEnded();
    // The next attempt is killed on the other side.
    await interrupt(['copy', '--to', 'cut', 'big', '--debug'], server, 'server', /PUT-FROM [1-9]\d{5,}/);
    const up = client.annex('real', 'copy', '--to', 'cut', 'big', '--debug');
    expect(up.stderr).toMatch(/PUT-FROM [1-9]\d{5,}/);
    expect(up.status).toBe(0);
    client.must('real', 'drop', '-q', 'big');
    await interrupt(['get', '--from', 'cut', 'big'], client, 'client');
    await serverEnded();
    await interrupt(['get', '--from', 'cut', 'big', '--debug'], client, 'server', /GET [1-9]\d{5,} /);
    const down = client.annex('real', 'get', '--from', 'cut', 'big', '--debug');
    expect(down.stderr).toMatch(/GET [1-9]\d{5,} /);
    expect(down.status).toBe(0);
    expect(existsSync(partial(server))).toBe(false);
    expectSound(server, { missingCopies: true });
  });

  /** Our server notices a vanished client when sshd does, a moment later. */
  async function serverEnded() {
    const pid = Number(readFileSync(scene.path('server.pid'), 'utf8'));
    for (let tries = 0; tries < 500; tries++) {
      try {
        process.kill(pid, 0);
      } catch {
        return;
      }
      await pause(20);
    }
    throw new Error('the server does not end');
  }
});

it('as the command of a key, the shell keeps a client to one repository and to reading', () => {
  client.git('remote', 'rename', 'bare', 'limited');
  client.must('real', 'drop', '-q', '--force', 'a');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', scene.path('sshd/limited')]);
  const environment = `GIT_ANNEX_SHELL_DIRECTORY='${bare.path}' GIT_ANNEX_SHELL_LIMITED=1 GIT_ANNEX_SHELL_READONLY=1`;
  const command = `command="${environment} '${OURS}' -c \\"$SSH_ORIGINAL_COMMAND\\"",restrict`;
  const pub = readFileSync(scene.path('sshd/limited.pub'), 'utf8');
  writeFileSync(scene.path('sshd/authorized_keys'), `${command} ${pub}`);
  const options = `${sshd.options.replace(scene.path('sshd/user'), scene.path('sshd/limited'))} -o IdentitiesOnly=yes`;
  client.git('config', 'remote.limited.annex-ssh-options', options);
  client.git('config', '--unset', 'annex.ssh-options');
  client.git('config', '--unset', 'remote.limited.annex-shell');
  client.git('config', 'annex.sshcaching', 'false');
  client.must('real', 'get', '-q', '--from', 'limited', 'a');
  expect(client.real('drop', '--from', 'limited', 'a').status).toBe(1);
  expect(client.real('copy', '--to', 'limited', 'big').status).toBe(1);
  const ssh = (line: string) =>
    scene.run(
      'ssh',
      [...options.split(' '), '-p', new URL(sshd.address).port, 'root@127.0.0.1', line],
      scene.directory,
    );
  expect(ssh(`git-annex-shell configlist '${client.path}'`).stderr).toContain('Only allowed to access');
  expect(ssh(`git-upload-pack '${bare.path}'`).stderr).toContain('GIT_ANNEX_SHELL_LIMITED');
  expect(ssh('').stderr).toContain('needs a command');
});
