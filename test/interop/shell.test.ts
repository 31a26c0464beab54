import { readdirSync, readFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('p2pstdio answers as git-annex-shell', () => {
  it('to questions, to what is no question, and to other versions', () => {
    same((k) => `VERSION 4\nCHECKPRESENT ${k}\nCHECKPRESENT nokey\nFOO\nVERSION 1\nVERSION 9\nVERSION x\n`);
    same((k) => `AUTH x y\nUNLOCKCONTENT\nSUCCESS\nVALID\nBYPASS a\nGETTIMESTAMP\nCHECKPRESENT ${k}\n`);
    same((k) => `ERROR enough\nCHECKPRESENT ${k}\n`);
  });

  it('to GET from any offset, of what is there and what is not', () => {
    same((k) => `GET 2 f ${k}\nSUCCESS\nGET 13 f ${k}\nSUCCESS\nGET 99 f ${k}\nFAILURE\nCHECKPRESENT ${k}\n`);
    const stdout = same(
      (k) => `VERSION 1\nGET 0  ${k}\nSUCCESS\nGET 0 f ${NEW}\nFAILURE\nCHECKPRESENT ${k}\n`,
    );
    expect(stdout).toContain('DATA 13\ncontent of f\nVALID\nDATA 0\nINVALID\nSUCCESS\n');
    same((k) => `VERSION 1\nGET 0 f ${k}\nCHECKPRESENT ${k}\nCHECKPRESENT ${k}\n`);
  });

  it('to PUT of right, wrong, changed and missing content', () => {
    same((k) => `VERSION 4\nPUT f ${k}\nPUT a%%b ${NEW}\nDATA 6\nhello\nVALID\nCHECKPRESENT ${NEW}\n`);
    same(() => `PUT f ${NEW}\nDATA 6\nhello\nCHECKPRESENT ${NEW}\n`);
    same(() => `VERSION 4\nPUT f ${NEW}\nDATA 6\nhullo\nVALID\nCHECKPRESENT ${NEW}\n`);
    same(() => `VERSION 4\nPUT f ${NEW}\nDATA-PRESENT\nCHECKPRESENT ${NEW}\n`);
    same((k) => `VERSION 4\nPUT f ${NEW}\nCHECKPRESENT ${k}\nCHECKPRESENT ${k}\n`);
  });

  it('to REMOVE in time, too late, and of what is not there', () => {
    same((k) => `VERSION 4\nREMOVE-BEFORE 1 ${k}\nCHECKPRESENT ${k}\nREMOVE ${NEW}\n`);
    same((k) => `VERSION 4\nREMOVE-BEFORE 999999999 ${k}\nCHECKPRESENT ${k}\n`);
    same((k) => `REMOVE ${k}\nREMOVE ${k}\nCHECKPRESENT ${k}\n`);
  });

  it('to LOCKCONTENT, also when something else follows', () => {
    same((k) => `VERSION 4\nLOCKCONTENT ${k}\nUNLOCKCONTENT\nREMOVE ${k}\nLOCKCONTENT ${k}\n`);
    same((k) => `LOCKCONTENT ${k}\nCHECKPRESENT ${k}\nUNLOCKCONTENT\nREMOVE ${k}\n`);
  });

  it('where the environment allows less', () => {
    const all = (k: string) => `PUT f ${NEW}\nDATA-PRESENT\nREMOVE ${k}\nLOCKCONTENT ${k}\nUNLOCKCONTENT\n`;
    expect(same(all, { GIT_ANNEX_SHELL_READONLY: '1' })).toContain('read-only');
    expect(same(all, { GIT_ANNEX_SHELL_APPENDONLY: '1' })).toContain('append-only');
  });
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
