import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGateways, type Gateways } from '../support/gateways.js';
import { OUR_SHELL } from '../support/p2p-channels.js';

let scene: Gateways;

beforeAll(() => {
  scene = createGateways(
    ['ams', 'nyc'],
    [
      ['ams', 'nyc'],
      ['nyc', 'ams'],
    ],
  );
  for (const name of scene.gateways.keys()) scene.network.host(name, 'ours');
});
afterAll(() => scene?.scene.remove());

const SIZE = 8 << 20;
const nodes = ['a1', 'a2', 'n1', 'n2'];

/** What goes on elsewhere is waited for as long as a loaded machine may need. */
async function until<T>(look: () => T, wanted: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const seen = look();
    if (wanted(seen) || tries > 150) return seen;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Servers of the scene's repositories that still run. */
function sessions(): number {
  const commands = readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'latin1') : [];
    } catch {
      return [];
    }
  });
  return commands.filter((one) => one.includes('p2pstdio') && one.includes(scene.scene.directory)).length;
}

it('a gateway that is killed in the middle of an upload recorded nothing, and the next attempt finishes it', async () => {
  const { client } = scene;
  scene.file('big', Buffer.alloc(SIZE, 'big'));
  const key = client.must('real', 'lookupkey', 'big').trim();
  const command = `git-annex-shell p2pstdio ${scene.repository('ams').path} some-client --uuid ${scene.cluster}`;
  const shell = spawn(OUR_SHELL, ['-c', command], {
    env: scene.scene.env,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  try {
    shell.stdin.on('error', () => undefined);
    shell.stdin.write(`VERSION 4\nPUT big ${key}\nDATA ${SIZE}\n`);
    shell.stdin.write(Buffer.alloc(SIZE / 2, 'big'));
    const begun = (node: string) => existsSync(`${scene.repository(node).path}/.git/annex/tmp/${key}`);
    expect(
      await until(
        () => nodes.filter(begun),
        ({ length }) => length === nodes.length,
      ),
    ).toEqual(nodes);
  } finally {
    shell.kill('SIGKILL');
  }
  expect(await until(sessions, (count) => count === 0)).toBe(0);
  expect(scene.holders('big')).toEqual([]);
  for (const who of scene.gateways.keys()) expect(scene.places(who, 'big')).toEqual([]);
  client.must('real', 'copy', '--to', 'ams-mine', 'big');
  expect(scene.holders('big')).toEqual(nodes);
  expect(scene.places('ams', 'big')).toEqual(nodes);
});
