import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { freePort } from './free-port.js';

/** A real ssh server on this machine, with keys of its own. */
export interface Sshd {
  /** `ssh://user@host:port`, to which a path is added. */
  readonly address: string;
  /** An ssh command that reaches it and asks nothing. */
  readonly command: string;
  /** What `command` has besides the program. */
  readonly options: string;
  readonly port: number;
  /** The file of a private key that it takes. */
  readonly identity: string;
  /** Its public key: type and base64. */
  readonly hostKey: string;
  stop(): void;
}

/** Starts `sshd` in a folder; a file `authorized_keys` there lets more keys in. Its absence is an error: `npm test` installs it. */
export async function startSshd(folder: string): Promise<Sshd> {
  const at = (name: string) => join(folder, name);
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `PidFile ${at('pid')}`,
    `AuthorizedKeysFile ${at('user.pub')} ${at('authorized_keys')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
  ];
  writeFileSync(at('config'), `${config.join('\n')}\n`);
  writeFileSync(at('known'), `[127.0.0.1]:${port} ${readFileSync(at('host.pub'), 'utf8')}`);
  // The server separates its privileges in this folder, which a service manager would have made.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('config')], { stdio: 'ignore' });
  await listening(port, () => server.exitCode !== null);
  const options = `-i ${at('user')} -o UserKnownHostsFile=${at('known')} -o BatchMode=yes`;
  const user = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
  return {
    address: `ssh://${user}@127.0.0.1:${port}`,
    options,
    port,
    identity: at('user'),
    hostKey: readFileSync(at('host.pub'), 'utf8'),
    command: `ssh ${options}`,
    stop: () => void server.kill(),
  };
}

async function listening(port: number, ended: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !ended(); tries++) {
    const answers = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (answers && !ended()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('sshd does not answer');
}
