import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stdoutOf } from '../support/output.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { createSshClient } from '../support/ssh-client.js';
import { type Sshd, startSshd } from '../support/sshd.js';
import { subjectCommand } from '../support/program.js';

const PASSPHRASE = 'open sesame';

let scene: Scene;
let sshd: Sshd;
let server: Repository;
let clone: Repository;

/** The only key that the server takes has a passphrase. */
beforeAll(async () => {
  scene = createScene();
  mkdirSync(scene.path('sshd'));
  sshd = await startSshd(scene.path('sshd'));
  server = scene.create('server');
  for (const name of ['a', 'b', 'c']) server.write(name, `${name}\n`);
  server.must('real', 'add', '-q', '.');
  server.git('commit', '-qm', 'files');
  clone = scene.clone('server', 'clone', { by: 'none' });
  clone.git('remote', 'set-url', 'origin', `ssh://server${server.path}`);
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', PASSPHRASE, '-f', sshd.identity]);
  createSshClient(scene.path('home'), sshd);
});
afterAll(() => {
  sshd?.stop();
  scene.remove();
});

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

it('asks for a passphrase once on a terminal, for contents and git together, and shows it nowhere', async () => {
  const command = [...subjectCommand(), 'sync', '--content'].map(quote).join(' ');
  const onTerminal = ['sh', '-c', 'exec script -qec "$0" /dev/null', command];
  const running = scene.start('git', [], clone.path, { under: onTerminal });
  await stdoutOf(running, /passphrase for key '[^']*': $/);
  running.child.stdin?.write(`${PASSPHRASE}\n`);
  const { status, stdout } = await running.ended;
  expect(status, stdout).toBe(0);
  expect(clone.must('real', 'find')).toBe('a\nb\nc\n');
  expect(stdout.match(/passphrase for key/g)).toHaveLength(1);
  expect(stdout).not.toContain(PASSPHRASE);
  expect(server.git('rev-parse', 'synced/git-annex'), 'git pushed, too').not.toBe('');
});

it('asks nobody where there is no terminal', () => {
  clone.must('real', 'drop', '-q', '--force', 'a');
  const { status, stdout, stderr } = clone.ours('get', 'a');
  expect(status).toBe(1);
  expect(stdout + stderr).toMatch(/Permission denied/);
  expect(stdout + stderr).not.toMatch(/passphrase/i);
});

it('asks the program that SSH_ASKPASS names, once', () => {
  const asked = scene.path('asked');
  const askpass = scene.path('askpass');
  writeFileSync(askpass, `#!/bin/sh\necho "$1" >>'${asked}'\necho '${PASSPHRASE}'\n`, { mode: 0o755 });
  const env = { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' };
  const { status, stdout, stderr } = scene.annex('ours', ['sync', '--content'], clone.path, { env });
  expect(stdout + stderr).not.toContain(PASSPHRASE);
  expect(stdout).toMatch(/get a .*ok/s);
  expect(status).toBe(0);
  expect(readFileSync(asked, 'utf8').match(/passphrase/g)).toHaveLength(1);
});
