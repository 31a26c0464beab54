import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sshd } from './sshd.js';

/** An ssh client with a config of its own, in place of the user's. */
export interface SshClient {
  /** A folder for the front of `PATH`: the `ssh` in it reads this config and nothing else. */
  readonly bin: string;
  /** Where a test puts keys and known hosts of its own. */
  path(name: string): string;
  /** Writes the options for the host `server`: the usual ones, which lead to the sshd, and what is to be different. */
  configure(options?: { readonly [option: string]: string | number }): void;
}

/** The host is called `server`; its key is known, and ours is taken. */
export function createSshClient(folder: string, sshd: Sshd): SshClient {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const path = (name: string) => join(folder, name);
  writeFileSync(path('bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${path('config')}' "$@"\n`);
  chmodSync(path('bin/ssh'), 0o755);
  const client: SshClient = {
    bin: path('bin'),
    path,
    configure(options = {}) {
      const usual = {
        HostName: '127.0.0.1',
        Port: sshd.port,
        HostKeyAlias: 'server',
        IdentityAgent: 'none',
        IdentityFile: sshd.identity,
        UserKnownHostsFile: path('known'),
        GlobalKnownHostsFile: '/dev/null',
      };
      const lines = Object.entries({ ...usual, ...options }).map(([name, value]) => `  ${name} ${value}\n`);
      writeFileSync(path('config'), `Host server\n${lines.join('')}`);
    },
  };
  writeFileSync(path('known'), `server ${sshd.hostKey}`);
  client.configure();
  return client;
}
