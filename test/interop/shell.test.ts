import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { createScene, type Repository, type RunOptions, type Scene } from '../support/scene.js';
import { startSshd, type Sshd } from '../support/sshd.js';

const OURS = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));
const CLIENT = '99999999-2222-4333-8444-555555555555';
/** Content `hello\n`, which the server does not have. */
const NEW = 'SHA256E-s6--5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';

let scene: Scene;
let sshd: Sshd;
let key: string;

beforeAll(async () => {
  scene = createScene();
  const server = scene.create('start/server', { description: 'server' });
  server.write('f', 'content of f\n');
  server.must('real', 'add', '-q', '.');
  server.git('commit', '-qm', 'f');
  key = server.must('real', 'lookupkey', 'f').trim();
  mkdirSync(scene.path('sshd'));
  sshd = await startSshd(scene.path('sshd'));
});
afterAll(() => {
  sshd?.stop();
  scene.remove();
});

function shell(program: string, args: readonly string[], options?: RunOptions) {
  const { status, stdout } = scene.run(program, args, scene.directory, options);
  return { status, stdout: stdout.replace(/^TIMESTAMP \d+$/gm, 'TIMESTAMP') };
}

/** The same to both shells, each on its own copy; both must answer alike and leave the same. */
function same(input: (key: string) => string, env: NodeJS.ProcessEnv = {}): string {
  const [theirs, ours] = ['git-annex-shell', OURS].map((program) => {
    const copy = scene.path('copy');
    scene.run('sh', ['-c', 'if test -e "$0"; then chmod -R u+w "$0"; rm -r "$0"; fi', copy], scene.directory);
    scene.copy('start', 'copy');
    const server = scene.repository('copy/server');
    const talk = shell(program, ['p2pstdio', server.path, CLIENT], { input: input(key), env });
    return { talk, left: leftIn(server) };
  });
  expect(ours).toEqual(theirs);
  return ours?.talk.stdout ?? '';
}

function leftIn(server: Repository) {
  const locations = server.real('whereis', '--all', '--json').stdout.split('\n').filter(Boolean);
  const parts = ['tmp', 'transfer', 'bad'].map((name) => {
    const { stdout } = scene.run('find', [`.git/annex/${name}`, '-type', 'f'], server.path);
    return stdout.split('\n').filter((path) => !path.includes('/lck.'));
  });
  return { locations: locations.map((line) => (JSON.parse(line) as { whereis: unknown }).whereis), parts };
}

it('answers as git-annex-shell, as a process (all sessions are recorded in test/golden)', () => {
  const stdout = same(
    (k) =>
      `VERSION 4\nCHECKPRESENT ${k}\nFOO\nGET 2 f ${k}\nSUCCESS\nPUT f ${NEW}\nDATA 6\nhello\nVALID\n` +
      `LOCKCONTENT ${k}\nUNLOCKCONTENT\nREMOVE ${k}\nREMOVE-BEFORE 1 ${NEW}\nGETTIMESTAMP\n`,
  );
  expect(stdout).toContain('ntent of f\nVALID\nPUT-FROM 0\nSUCCESS\nSUCCESS\nSUCCESS\nFAILURE\nTIMESTAMP\n');
  const all = (k: string) => `PUT f ${NEW}\nDATA-PRESENT\nREMOVE ${k}\nLOCKCONTENT ${k}\nUNLOCKCONTENT\n`;
  expect(same(all, { GIT_ANNEX_SHELL_READONLY: '1' })).toContain('read-only');
});

it('the hook annex-content hears of contents that came or went, and what it prints is not the client’s', () => {
  scene.copy('start', 'hooked');
  const server = scene.repository('hooked/server');
  const hook = join(server.gitDirectory, 'hooks/annex-content');
  writeFileSync(hook, '#!/bin/sh\necho from the hook\necho ran >>ran\n', { mode: 0o755 });
  const talk = (input: string) => shell(OURS, ['p2pstdio', server.path, CLIENT], { input }).stdout;
  expect(talk(`VERSION 4\nCHECKPRESENT ${key}\n`)).toContain('SUCCESS');
  expect(existsSync(join(server.path, 'ran'))).toBe(false);
  const put = `VERSION 4\nPUT f ${NEW}\nDATA 6\nhello\nVALID\nREMOVE ${key}\n`;
  expect(talk(put)).toMatch(/PUT-FROM 0\nSUCCESS\nSUCCESS\n$/);
  expect(readFileSync(join(server.path, 'ran'), 'utf8')).toBe('ran\n');
});

it('content locked by a client that vanished stays', () => {
  scene.copy('start', 'vanished');
  const server = scene.repository('vanished/server');
  expect(shell(OURS, ['p2pstdio', server.path, CLIENT], { input: `LOCKCONTENT ${key}\n` }).stdout).toContain(
    'SUCCESS',
  );
  for (const who of ['real', 'ours'] as const)
    expect(server.annex(who, 'drop', '--force', 'f').status).toBe(1);
  const [object] = readdirSync(`${server.gitDirectory}/annex/objects`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rtm'))
    .map((name) => readFileSync(`${server.gitDirectory}/annex/objects/${name}`, 'latin1'));
  const seconds = Number.parseFloat(object ?? '') - Date.now() / 1000;
  expect(seconds).toBeGreaterThan(500);
  expect(seconds).toBeLessThanOrEqual(600);
});

describe('the shell', () => {
  it('keeps to one directory and to git-annex, where it is told to', () => {
    const { path } = scene.repository('start/server');
    const list = ['-c', `git-annex-shell 'configlist' '${path}'`];
    expect(shell(OURS, list)).toEqual(shell('git-annex-shell', list));
    const elsewhere = { env: { GIT_ANNEX_SHELL_DIRECTORY: scene.path('sshd') } };
    expect(shell(OURS, list, elsewhere)).toEqual({ status: 1, stdout: '' });
    const fetch = ['-c', `git-upload-pack '${path}'`];
    expect(shell(OURS, fetch, { input: '0000' }).stdout).toContain('refs/heads/git-annex');
    expect(shell(OURS, fetch, elsewhere)).toEqual({ status: 1, stdout: '' });
    expect(shell(OURS, fetch, { env: { GIT_ANNEX_SHELL_LIMITED: '1' } })).toEqual({ status: 1, stdout: '' });
  });

  it('takes no folder inside a repository for it, as git does not', () => {
    const inside = scene.repository('start/server').path.concat('/.git/annex');
    const { status, stdout, stderr } = scene.run(OURS, ['configlist', inside], scene.directory);
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: `git-annex-ts-shell: there is no git repository at ${inside}\n`,
    });
  });

  it.each([
    [],
    ['p2pstdio'],
    ['p2pstdio', '/nonexistent', CLIENT],
    ['-c', "git-annex-shell 'p2pstdio' '/"],
    ['p2pstdio', '.', '../../x'],
  ])('refuses %j in one sentence', (...args) => {
    const { status, stdout, stderr } = scene.run(OURS, args, scene.path('start/server'));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^git-annex-ts-shell: /);
  });
});

it('git-annex tests a remote behind sshd and our shell, and finds nothing wrong', () => {
  scene.copy('start', 'remote');
  const client = scene.create('client');
  client.git('config', 'annex.ssh-options', sshd.options);
  client.git('config', 'core.sshCommand', sshd.command);
  client.git('remote', 'add', 'origin', `${sshd.address}${scene.path('remote/server')}`);
  client.git('config', 'remote.origin.annex-shell', OURS);
  client.real('pull', 'origin', '--allow-unrelated-histories', '--no-content');
  const { status, stdout } = scene.run(
    'git',
    ['annex', 'testremote', '--size=100kb', '--fast', 'origin'],
    client.path,
    {
      timeout: 240_000,
    },
  );
  expect(stdout).toMatch(/All \d+ tests passed/);
  expect(status).toBe(0);
  client.must('real', 'get', 'f', '--from=origin');
  expect(client.must('real', 'fsck', '--from=origin', 'f')).toContain('ok');
});

describe('old clients', () => {
  let server: Repository;
  const fields = ['--', `remoteuuid=${CLIENT}`, 'associatedfile=f', 'unlocked=1', '--'];
  const ask = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const [command = '', ...rest] = args;
    return scene.run(OURS, [command, server.path, ...rest], scene.directory, { env });
  };
  /** rsync as an old client starts it: its words for the server come behind ours. */
  const rsync = (command: string, ...files: string[]) => {
    const remote = [OURS, command, server.path, command === 'sendkey' ? key : NEW, ...fields].join(' ');
    const script = scene.path('remote-shell');
    writeFileSync(script, `#!/bin/sh\nexec ${remote} "$@"\n`, { mode: 0o755 });
    return scene.run('rsync', ['-e', script, '--inplace', ...files], scene.directory);
  };

  it('get, send, ask for and drop contents, with rsync where it moves bytes', () => {
    scene.copy('start', 'old');
    server = scene.repository('old/server');
    expect(rsync('sendkey', 'dummy:', 'got').status).toBe(0);
    expect(readFileSync(scene.path('got'), 'utf8')).toBe('content of f\n');

    expect(ask(['inannex', NEW]).status).toBe(1);
    writeFileSync(scene.path('sent'), 'hullo\n');
    const wrong = rsync('recvkey', 'sent', 'dummy:');
    expect(wrong.status).not.toBe(0);
    expect(wrong.stderr).toContain('Verification of content failed');
    expect(ask(['inannex', NEW]).status).toBe(1);
    writeFileSync(scene.path('sent'), 'hello\n');
    expect(rsync('recvkey', 'sent', 'dummy:').status).toBe(0);
    expect(ask(['inannex', key, NEW]).status).toBe(0);
    expect(ask(['inannex', key, NEW, `--uuid=${CLIENT}`]).stderr).toContain('expected repository UUID');

    expect(ask(['dropkey', NEW]).stderr).toContain('use --force');
    const blocked = ask(['dropkey', NEW, '--force'], { GIT_ANNEX_SHELL_APPENDONLY: '1' });
    expect(blocked.stderr).toBe('git-annex-ts-shell: Action blocked by GIT_ANNEX_SHELL_APPENDONLY\n');
    expect(ask(['recvkey', NEW], { GIT_ANNEX_SHELL_READONLY: '1' }).stderr).toContain('READONLY');
    expect(ask(['dropkey', NEW, '--force']).status).toBe(0);
    expect(ask(['inannex', NEW]).status).toBe(1);
    expect(ask(['sendkey', NEW]).stderr).toBe('git-annex-ts-shell: requested key is not present\n');
    expectSound(server);
  });
});

it('configlist makes an annex where it may, and notifychanges tells of changed refs', async () => {
  const fresh = scene.create('fresh', { by: 'none', bare: true });
  const list = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    scene.run(OURS, ['configlist', fresh.path, ...args], scene.directory, { env });
  const autoinit = ['--', 'autoinit=1', '--'];
  expect(list([])).toMatchObject({ status: 0, stdout: 'annex.uuid=\ncore.gcrypt-id=\n' });
  expect(list(autoinit, { GIT_ANNEX_SHELL_READONLY: '1' })).toMatchObject({ status: 1, stdout: '' });
  const { stdout } = list(autoinit, { GIT_ANNEX_SHELL_APPENDONLY: '1' });
  expect(stdout).toBe(`annex.uuid=${fresh.git('config', 'annex.uuid')}\ncore.gcrypt-id=\n`);
  expect(list([], { GIT_ANNEX_SHELL_READONLY: '1' }).stdout).toBe(stdout);

  const watching = spawn(OURS, ['notifychanges', fresh.path], { cwd: scene.directory, env: scene.env });
  const lines = createInterface(watching.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('READY');
  fresh.git('update-ref', 'refs/heads/other', 'git-annex');
  expect((await lines.next()).value).toBe(`CHANGED ${fresh.git('rev-parse', 'git-annex')}`);
  const ended = new Promise((resolve) => watching.on('close', resolve));
  watching.stdin.end();
  expect(await ended).toBe(1);
});
