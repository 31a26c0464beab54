import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sshd } from '../support/sshd.js';
import type { Scene } from './scene.js';

/**
 * Both programs find an ssh in their path that knows the server and its key, and nothing of the user's.
 * @param folder an empty one of the scene, for the files this needs
 * @param ports where the server is reached: its own, and those of relays
 */
export function provideSsh(scene: Scene, sshd: Sshd, folder: string, ports: readonly number[]): void {
  const key = sshd.hostKey.trim();
  writeFileSync(join(folder, 'known'), ports.map((port) => `[127.0.0.1]:${port} ${key}\n`).join(''));
  writeFileSync(
    join(folder, 'ssh_config'),
    `Host 127.0.0.1\n  IdentityFile ${sshd.identity}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${folder}/known\n`,
  );
  const path = join(folder, 'bin');
  mkdirSync(path);
  writeFileSync(join(path, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${folder}/ssh_config "$@"\n`);
  chmodSync(join(path, 'ssh'), 0o755);
  scene.env['PATH'] = `${path}:${scene.env['PATH']}`;
}
