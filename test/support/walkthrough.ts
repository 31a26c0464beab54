import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createScene, type Ended, type Scene } from './scene.js';
import { startSshd } from './sshd.js';

/** A block of a page: which machine it is typed on, and what. */
export interface Block {
  readonly host: string;
  readonly commands: string;
}

/** The blocks of a Markdown page that are marked `sh HOST`. */
export function blocksOf(page: string): Block[] {
  const blocks = page.matchAll(/^```sh (\w+)\n(.*?)^```$/gms);
  return [...blocks].map(([, host = '', commands = '']) => ({ host, commands }));
}

/** Machines that reach each other over ssh by their names: folders of a scene, in which `/srv`, `/mnt` and HOME of each are. */
export interface Machines {
  readonly scene: Scene;
  /** Where a path such as `/srv/annex` of a machine is. */
  path(host: string, path: string): string;
  type(block: Block): Ended;
  remove(): void;
}

const bin = (name: string) => fileURLToPath(new URL(`../../bin/${name}`, import.meta.url));

/** Machines with our programs in their PATH, also as the git-annex-shell that ssh finds. */
export async function createMachines(hosts: readonly string[]): Promise<Machines> {
  const scene = createScene();
  const path = (host: string, name: string) => scene.path(host, name.replace(/^~?\//, ''));
  const programs = scene.path('programs');
  for (const folder of ['sshd', 'programs', ...hosts]) mkdirSync(scene.path(folder));
  const sshd = await startSshd(scene.path('sshd'));
  const PATH = `${programs}:${process.env['PATH']}`;
  symlinkSync(bin('git-annex-ts'), `${programs}/git-annex-ts`);
  symlinkSync(bin('git-annex-ts-shell'), `${programs}/git-annex-shell`);
  // A server's own environment: that of the scene, whatever account sshd runs the commands for.
  const served = Object.entries({ ...scene.env, PATH }).map(([name, value]) => `${name}='${value}'`);
  script(`${programs}/served`, `exec env -i ${served.join(' ')} sh -c "$SSH_ORIGINAL_COMMAND"`);
  const key = scene.path('sshd/walk');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const publicKey = readFileSync(`${key}.pub`, 'utf8');
  writeFileSync(scene.path('sshd/authorized_keys'), `command="${programs}/served" ${publicKey}`);
  const config = [
    `Host ${hosts.join(' ')}`,
    'HostName 127.0.0.1',
    `Port ${sshd.port}`,
    `User ${new URL(sshd.address).username}`,
    `IdentityFile ${key}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${scene.path('sshd/known')}`,
  ];
  writeFileSync(scene.path('ssh_config'), `${config.join('\n  ')}\n`);
  script(`${programs}/ssh`, `exec /usr/bin/ssh -F '${scene.path('ssh_config')}' "$@"`);
  for (const host of hosts)
    for (const folder of ['srv', 'mnt', 'somewhere']) mkdirSync(path(host, folder), { recursive: true });
  const here = (host: string, commands: string) =>
    commands.replace(/(?<![\w/.])(?:(\w+):)?(~?\/(?:srv|mnt|somewhere|annex)\b)/g, (_, other, place) =>
      other === undefined ? path(host, place) : `${other}:${path(other, place)}`,
    );
  return {
    scene,
    path,
    type: ({ host, commands }) =>
      scene.run('sh', ['-e', '-c', here(host, commands)], path(host, ''), {
        env: { PATH },
        timeout: 300_000,
      }),
    remove() {
      sshd.stop();
      scene.remove();
    },
  };
}

function script(path: string, line: string): void {
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
}
