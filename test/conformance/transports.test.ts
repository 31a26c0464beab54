import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AnnexError } from '../../src/domain/errors.js';
import { ascii, type ByteString, fromText } from '../../src/lib/bytes.js';
import { openTransport } from '../../src/remotes/ssh/open-transport.js';
import type { SshServer } from '../../src/remotes/ssh/system-connection.js';
import { createProcessTransport } from '../../src/remotes/transport/process-transport.js';
import type { Transport } from '../../src/remotes/transport/transport.js';
import type { Settings } from '../../src/repository/settings/settings.js';
import { type Relay, startRelay } from '../support/relay.js';
import { createSshClient, type SshClient } from '../support/ssh-client.js';
import { type Sshd, startSshd } from '../support/sshd.js';
import { conformsAsTransport, outputOf } from './transport.js';

let folder: string;
let sshd: Sshd;
let client: SshClient;
let relay: Relay | undefined;
const path = process.env['PATH'];

// A loaded machine takes its time for connections.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'annex-ts-'));
  for (const name of ['sshd', 'client']) mkdirSync(join(folder, name), { recursive: true });
  sshd = await startSshd(join(folder, 'sshd'));
  client = createSshClient(join(folder, 'client'), sshd);
  process.env['PATH'] = `${client.bin}:${path}`;
});

afterEach(async () => {
  await relay?.stop();
  relay = undefined;
  client.configure();
});

afterAll(() => {
  sshd.stop();
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true, force: true });
});

let tops = 0;

/** Each is of a repository of its own unless one is named: what stays connected is not shared with other tests. */
function server(kind: 'system' | 'library', more: Partial<SshServer> = {}, top = `top${++tops}`): SshServer {
  const values = new Map([['annex-ts.ssh', kind === 'system' ? 'system' : 'auto']]);
  const settings = {
    get: (name: string) => values.get(name) as ByteString | undefined,
    bool: (_: string, fallback: boolean) => fallback,
  } as Partial<Settings> as Settings;
  const at = (name: string) => fromText(join(folder, name));
  mkdirSync(join(folder, top, '.git/annex'), { recursive: true });
  return {
    here: {
      annexDir: at(`${top}/.git/annex`),
      location: { gitDir: at(`${top}/.git`), commonDir: at(`${top}/.git`), workTree: at(top) },
      settings,
    } as SshServer['here'],
    address: { host: ascii('server'), user: undefined, port: undefined, path: ascii('/') },
    program: { kind: 'system', options: [] },
    ...more,
  };
}

/** How `true` fails over a new connection. */
async function failure(kind: 'system' | 'library', more?: Partial<SshServer>): Promise<AnnexError> {
  const transport = openTransport(server(kind, more));
  const error = await transport.run(ascii('true')).catch((thrown: unknown) => thrown);
  await transport.close();
  expect(error).toBeInstanceOf(AnnexError);
  return error as AnnexError;
}

async function says(kind: 'system' | 'library', command: string, more?: Partial<SshServer>): Promise<string> {
  const transport = openTransport(server(kind, more));
  try {
    return await outputOf(await transport.run(ascii(command)));
  } finally {
    await transport.close();
  }
}

const sockets = (top: string) =>
  readdirSync(join(folder, top, '.git/annex/ssh')).filter((name) => !name.endsWith('.lock'));
/** The environment variable tells of one connection from another. */
const whichConnection = 'echo $SSH_CONNECTION';
const newKey = (name: string, passphrase = '') => {
  const file = client.path(name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file]);
  return file;
};

describe('a process', () => {
  const transport = createProcessTransport();
  afterAll(() => transport.close());
  conformsAsTransport(() => transport);
});

for (const kind of ['system', 'library'] as const) {
  describe(`ssh of the ${kind}`, () => {
    let transport: Transport | undefined;
    afterAll(() => transport?.close());
    conformsAsTransport(() => (transport ??= openTransport(server(kind))));

    it('runs its commands over one connection', async () => {
      const one = openTransport(server(kind));
      const seen = [await outputOf(await one.run(ascii(whichConnection)))];
      seen.push(await outputOf(await one.run(ascii(whichConnection))));
      await one.close();
      expect(seen[0]).not.toBe('');
      expect(seen[1]).toBe(seen[0]);
    });

    it('notices a connection that breaks, and makes another', async () => {
      relay = await startRelay(sshd.port);
      client.configure({ Port: relay.port });
      const one = openTransport(server(kind));
      const command = await one.run(ascii('echo started; exec cat'));
      const output = command.input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      expect(String((await output.next()).value)).toBe('started\n');
      relay.cut();
      expect((await output.next().catch(() => ({ done: true }))).done).toBe(true);
      expect(await command.exited).toBeUndefined();
      expect(await outputOf(await one.run(ascii('echo again')))).toBe('again\n');
      expect(relay.count).toBe(2);
      await one.close();
    });

    it('says that a server can not be reached', async () => {
      const gone = await startRelay(sshd.port);
      await gone.stop();
      client.configure({ Port: gone.port });
      const error = await failure(kind);
      expect(error).toMatchObject({ code: 'remote-unavailable' });
      expect(error.message).toMatch(/^cannot connect to server: .*refused/i);
      expect(error.hint).toContain('ssh server');
      client.configure({ HostName: 'host.invalid' });
      expect((await failure(kind)).message).toMatch(/host\.invalid/);
    });

    it('gives up a server that accepts connections and says nothing', async () => {
      relay = await startRelay(sshd.port, () => -1);
      client.configure({ Port: relay.port, ConnectTimeout: 1 });
      expect((await failure(kind)).code).toBe('remote-unavailable');
    });

    it('says that no key is taken, and asks nothing', async () => {
      client.configure({ IdentityFile: newKey(`stranger-${kind}`), IdentitiesOnly: 'yes' });
      const error = await failure(kind);
      expect(error.message).toMatch(/Permission denied/);
      expect(error.code).toBe('remote-unavailable');
    });

    it('never waits for a passphrase', async () => {
      const file = client.path(`guarded-${kind}`);
      execFileSync('cp', [sshd.identity, file]);
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', file]);
      client.configure({ IdentityFile: file, IdentitiesOnly: 'yes' });
      expect((await failure(kind)).message).toMatch(/Permission denied/);
    });

    it('refuses keys of hosts that are unknown, changed or revoked, and says how to see them', async () => {
      const file = client.path(`known-${kind}`);
      const other = readFileSync(`${newKey(`other-${kind}`)}.pub`, 'utf8');
      client.configure({ UserKnownHostsFile: file });
      const unknown = await failure(kind);
      expect(unknown.message).toMatch(/host key/i);
      expect(unknown.hint).toContain('ssh server');
      writeFileSync(file, `server ${other}`);
      const changed = await failure(kind);
      expect(changed.message).toMatch(/host key/i);
      writeFileSync(file, `server ${sshd.hostKey}@revoked * ${sshd.hostKey}`);
      expect((await failure(kind)).message).toMatch(/revoked|host key/i);
      if (kind !== 'library') return;
      expect(unknown.message).toContain('is not known: ssh-ed25519 SHA256:');
      expect(changed.hint).toContain(`ssh-keygen -l -F 'server' -f '${file}'`);
    });

    it('takes new hosts where the config says so, and no changed ones', async () => {
      const file = client.path(`new-${kind}/known`);
      mkdirSync(client.path(`new-${kind}`));
      const options = { UserKnownHostsFile: file, StrictHostKeyChecking: 'accept-new' };
      // The program knows itself how to hash; the library is told by us.
      for (const HashKnownHosts of kind === 'library' ? ['no', 'yes'] : ['no']) {
        rmSync(file, { force: true });
        client.configure({ ...options, HashKnownHosts });
        expect(await says(kind, 'echo in')).toBe('in\n');
        expect(readFileSync(file, 'utf8').startsWith(HashKnownHosts === 'yes' ? '|1|' : 'server ')).toBe(
          true,
        );
        client.configure({ ...options, StrictHostKeyChecking: 'yes' });
        expect(await says(kind, 'echo in')).toBe('in\n');
      }
      writeFileSync(file, `server ${readFileSync(`${newKey(`newer-${kind}`)}.pub`, 'utf8')}`);
      client.configure(options);
      expect((await failure(kind)).message).toMatch(/host key/i);
      client.configure({ ...options, StrictHostKeyChecking: 'no' });
      expect(await says(kind, 'echo in')).toBe('in\n');
    });

    it('uses an agent, with the keys that the config names', async () => {
      const socket = client.path(`agent-${kind}`);
      const started = execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' });
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      try {
        execFileSync('ssh-add', ['-q', sshd.identity], { env, stdio: 'ignore' });
        client.configure({ IdentityAgent: socket, IdentityFile: client.path('nothing') });
        expect(await says(kind, 'echo in')).toBe('in\n');
        client.configure({
          IdentityAgent: socket,
          IdentityFile: client.path('nothing'),
          IdentitiesOnly: 'yes',
        });
        expect((await failure(kind)).message).toMatch(/Permission denied/);
        const named = client.path(`named-${kind}`);
        execFileSync('cp', [`${sshd.identity}.pub`, `${named}.pub`]);
        client.configure({ IdentityAgent: socket, IdentityFile: named, IdentitiesOnly: 'yes' });
        expect(await says(kind, 'echo in')).toBe('in\n');
      } finally {
        process.kill(Number(/PID=(\d+)/.exec(started)?.[1]));
      }
    });
  });
}

describe('openTransport', () => {
  it('leaves what the library can not do to the system', async () => {
    const trace = client.path('trace');
    client.configure({
      ProxyCommand: `sh -c 'echo used >> ${trace}; exec perl -MIO::Socket -e ${'"'}exit${'"'}'`,
    });
    await failure('library');
    expect(readFileSync(trace, 'utf8')).toBe('used\n');
    client.configure({
      Ciphers: 'chacha20-poly1305@openssh.com',
      KexAlgorithms: 'sntrup761x25519-sha512@openssh.com',
    });
    expect(await says('library', 'echo in')).toBe('in\n');
  });

  it('takes the command that the user sets for git', async () => {
    const log = client.path('log');
    const command = fromText(`echo >> ${log}; ssh`);
    const own = { kind: 'custom', command, variant: 'ssh' } as const;
    expect(await says('library', 'echo in', { program: own })).toBe('in\n');
    expect(readFileSync(log, 'utf8')).toBe('\n');
    // What kind of program it is, is found out by asking it.
    expect(await says('library', 'echo in', { program: { ...own, variant: undefined } })).toBe('in\n');
    expect(readFileSync(log, 'utf8')).toBe('\n\n\n');
  });

  it('shares a connection with others that have it open, and stops it at the end', async () => {
    const one = openTransport(server('system', {}, 'shared'));
    const first = await outputOf(await one.run(ascii(whichConnection)));
    expect(sockets('shared')).toEqual(['server']);
    const other = openTransport(server('system', {}, 'shared'));
    expect(await outputOf(await other.run(ascii(whichConnection)))).toBe(first);
    await other.close();
    expect(sockets('shared')).toEqual(['server']);
    // As git-annex asks for it.
    const args = ['server', '-S', '.git/annex/ssh/server', '-o', 'ControlMaster=auto'];
    const asked = spawnSync('ssh', [...args, '-o', 'ControlPersist=yes', '-T', whichConnection], {
      cwd: join(folder, 'shared'),
      encoding: 'utf8',
    });
    expect(asked.stdout).toBe(first);
    await one.close();
    expect(sockets('shared')).toEqual([]);
  });
});
