import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { fillUpTo, type Mount, mountSmall } from '../support/mounts.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

const OURS = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));
const CLIENT = '99999999-2222-4333-8444-555555555555';
const CONTENT = Buffer.alloc(3 << 20, 'content that does not fit ').toString();
const KEY = `SHA256E-s${CONTENT.length}--${createHash('sha256').update(CONTENT).digest('hex')}`;

let scene: Scene;
let server: Repository;
let disk: Mount | undefined;

beforeAll(() => {
  scene = createScene();
  disk = mountSmall(scene.path('disk'), 16 << 20);
  server = scene.create('disk/server');
  server.write('f', 'content of f\n');
  server.must('real', 'add', '-q', 'f');
  server.git('commit', '-qm', 'f');
});
afterAll(() => {
  disk?.unmount();
  scene.remove();
});

const say = (input: string) =>
  scene.run(OURS, ['p2pstdio', server.path, CLIENT], scene.directory, { input: `VERSION 4\n${input}` });
const put = (from: number) => `PUT f ${KEY}\nDATA ${CONTENT.length - from}\n${CONTENT.slice(from)}VALID\n`;

/** A connection that goes on while the test does other things. */
function start() {
  const shell = spawn(OURS, ['p2pstdio', server.path, CLIENT], { cwd: scene.directory, env: scene.env });
  const said = createInterface(shell.stdout)[Symbol.asyncIterator]();
  // It need not read all that it is told.
  shell.stdin.on('error', () => {});
  let stderr = '';
  shell.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  shell.stdin.write('VERSION 4\n');
  return {
    write: (text: string) => void shell.stdin.write(text),
    async lines(count: number) {
      const lines: string[] = [];
      while (lines.length < count) lines.push((await said.next()).value as string);
      return lines;
    },
    kill: () => void shell.kill('SIGKILL'),
    ended: new Promise<{ status: number | null; stderr: string }>((resolve) =>
      shell.on('close', (status) => resolve({ status, stderr })),
    ),
  };
}

describe('a server whose disk is full', () => {
  it('says so before anything is sent, and goes on', () => {
    const { status, stdout } = say(`PUT f ${KEY}\nCHECKPRESENT ${KEY}\n`);
    expect(stdout).toMatch(/\nERROR not enough free space.*\nFAILURE\n$/);
    expect(status).toBe(0);
  });

  it('ends the connection when it fills up meanwhile, keeps what it has, and takes the rest later', async () => {
    server.git('config', 'annex.diskreserve', '0');
    const session = start();
    expect(await session.lines(2)).toEqual([expect.stringContaining('AUTH-SUCCESS'), 'VERSION 4']);
    session.write(`PUT f ${KEY}\n`);
    expect(await session.lines(1)).toEqual(['PUT-FROM 0']);
    const unfill = fillUpTo(disk as Mount, 1 << 20);
    session.write(put(0).slice(put(0).indexOf('DATA')));
    const { status, stderr } = await session.ended;
    unfill();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^git-annex-ts-shell: .*space.*\n$/);
    const partial = statSync(`${server.gitDirectory}/annex/tmp/${KEY}`, { throwIfNoEntry: false })?.size ?? 0;
    expect(partial).toBeLessThan(CONTENT.length);
    const again = say(put(partial));
    expect(again.stdout).toMatch(new RegExp(`\nPUT-FROM ${partial}\nSUCCESS\n$`));
    expectSound(server);
  });
});

it('a line of a megabyte ends the connection in one sentence', async () => {
  const session = start();
  session.write(`CHECKPRESENT ${'x'.repeat(1 << 20)}\n`);
  const { status, stderr } = await session.ended;
  expect(status).toBe(1);
  expect(stderr).toBe('git-annex-ts-shell: the other side sent a line that is too long\n');
});

it('content that a client holds stays though server and client are killed', async () => {
  const key = server.must('real', 'lookupkey', 'f').trim();
  const session = start();
  session.write(`LOCKCONTENT ${key}\n`);
  expect((await session.lines(3)).at(-1)).toBe('SUCCESS');
  for (const who of ['real', 'ours'] as const)
    expect(server.annex(who, 'drop', '--force', 'f').status).toBe(1);
  session.kill();
  await session.ended;
  for (const who of ['real', 'ours'] as const)
    expect(server.annex(who, 'drop', '--force', 'f').status).toBe(1);
  expect(say(`REMOVE ${key}\nCHECKPRESENT ${key}\n`).stdout).toMatch(/\nFAILURE\nSUCCESS\n$/);
});
