import { isatty } from 'node:tty';
import { ascii, type ByteString } from '../../lib/bytes.js';
import { shellQuote } from '../../lib/shell-quote.js';
import { spawnBytes } from '../../lib/spawn-bytes.js';
import type { Repository } from '../../repository/repository.js';
import { createSystemSsh, type SshCommandLine } from '../transport/system-ssh.js';
import type { Transport } from '../transport/transport.js';
import { type SharedConnection, shareConnection } from './shared-connection.js';
import { type SshAddress, sshDestination } from './ssh-address.js';
import { configValue, portOption, resolveSshConfig, type SshConfig } from './ssh-config.js';
import { noConnection } from './ssh-failure.js';
import { type SshProgram, type SshVariant, variantOptions } from './ssh-program.js';

/** A server as a remote of a repository names it. */
export interface SshServer {
  readonly here: Pick<Repository, 'annexDir' | 'location' | 'settings'>;
  readonly address: SshAddress;
  readonly program: SshProgram;
  /** `ssh -G`'s answer, where somebody has asked already. */
  readonly config?: SshConfig | undefined;
}

/** Options for the system's ssh to a server, and what holds its connection. */
export interface SystemConnection {
  readonly options: readonly ByteString[];
  readonly shared: SharedConnection | undefined;
}

/** Seconds without an answer after which a server is given up, where the user's config says nothing. */
const patience = { connecting: 30, alive: 20, times: 3 } as const;

/**
 * Options for a connection that is shared (unless `annex.sshcaching` is false), notices a server that is gone, and asks
 * nothing where nobody can answer.
 */
export async function systemConnection(
  server: SshServer,
  own: readonly ByteString[],
): Promise<SystemConnection> {
  const { here, address } = server;
  const destination = sshDestination(address);
  const shared = here.settings.bool('annex.sshcaching', true)
    ? await shareConnection({ annexDir: here.annexDir, top: topOf(server), destination, port: address.port })
    : undefined;
  const config = server.config ?? (await resolveSshConfig(destination, address.port, own));
  const options = [...(shared?.options ?? []), ...own, ...timeouts(config)];
  return { options: nobodyAnswers() ? [...options, ...option('BatchMode=yes')] : options, shared };
}

/** Where ssh runs: relative paths among the user's options count from there, as they do for git. */
export function topOf({ here }: SshServer): ByteString {
  return here.location.workTree ?? here.location.gitDir;
}

/** Whether a question for a password or about a host key would wait for ever. */
export function nobodyAnswers(): boolean {
  return !isatty(0) && !isatty(2) && process.env['SSH_ASKPASS'] === undefined;
}

/** Commands on a server over the system's ssh, or the program that the user wants instead. */
export function createSystemTransport(server: SshServer): Transport {
  const { address, program } = server;
  const destination = sshDestination(address);
  // A command of the user's own may hold a password: it is not shown.
  const options = program.kind === 'system' ? program.options : [];
  const failure = (said: string) => noConnection(destination, address.port, said, options);
  if (program.kind === 'custom') {
    const { command, variant } = program;
    return createSystemSsh({
      commandLine: () => customLine(server, command, variant),
      shared: false,
      failure,
    });
  }
  let shared: SharedConnection | undefined;
  return createSystemSsh({
    commandLine: async () => {
      const connection = await systemConnection(server, program.options);
      shared = connection.shared;
      const args = [
        ...connection.options,
        ...portOption(address.port),
        ascii('-T'),
        ascii('--'),
        destination,
      ];
      return { program: 'ssh', args, folder: topOf(server) };
    },
    shared: server.here.settings.bool('annex.sshcaching', true),
    failure,
    release: async () => shared?.release(),
  });
}

/**
 * Commands over connections of the system's ssh that are made for much data, one for each, with a cipher that processors
 * are good at: that takes half the time of one in this process. They ask nothing, and take no key of a server that is not
 * known: where one can't be had like that, there are the others.
 */
export function createBulkTransport(server: SshServer): Transport {
  const { address } = server;
  const destination = sshDestination(address);
  return createSystemSsh({
    async commandLine() {
      const config = await resolveSshConfig(destination, address.port);
      const careful = [...option('BatchMode=yes'), ...option('StrictHostKeyChecking=yes')];
      const args = [...careful, ...fastCiphers(config), ...timeouts(config), ...portOption(address.port)];
      return {
        program: 'ssh',
        args: [...args, ascii('-T'), ascii('--'), destination],
        folder: topOf(server),
      };
    },
    shared: false,
    failure: (said) => noConnection(destination, address.port, said),
  });
}

/** The user's ciphers; the order is one of taste where all are allowed. */
function fastCiphers(config: SshConfig | undefined): ByteString[] {
  const allowed = config === undefined ? undefined : configValue(config, 'ciphers')?.split(',');
  if (allowed === undefined) return [];
  const fast = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'].filter((name) => allowed.includes(name));
  const order = [...fast, ...allowed.filter((name) => !fast.includes(name))];
  return option(`Ciphers=${order.join(',')}`);
}

/** What git would run: the user's command line with options of its variant. */
async function customLine(
  server: SshServer,
  command: ByteString,
  variant: SshVariant | undefined,
): Promise<SshCommandLine> {
  const { address } = server;
  const destination = sshDestination(address);
  const folder = topOf(server);
  const known = variant ?? (await triedVariant(command, destination, folder));
  const words = [...variantOptions(known, address.port, nobodyAnswers()), destination];
  const args = ['-c', `${command} "$@"`, 'ssh', ...words] as ByteString[];
  return { program: '/bin/sh', args, folder };
}

/** As git finds it out: a program that takes `-G` is OpenSSH's, another takes no options at all. */
async function triedVariant(
  command: ByteString,
  destination: ByteString,
  folder: ByteString,
): Promise<SshVariant> {
  const child = spawnBytes('/bin/sh', ['-c', `${command} -G ${shellQuote(destination)}`], {
    cwd: folder,
    env: process.env,
    stdio: 'ignore',
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('exit', resolve);
  });
  return code === 0 ? 'ssh' : 'simple';
}

function timeouts(config: SshConfig | undefined): ByteString[] {
  const options: ByteString[] = [];
  if (config === undefined) return options;
  if (configValue(config, 'connecttimeout') === undefined)
    options.push(...option(`ConnectTimeout=${patience.connecting}`));
  if ((configValue(config, 'serveraliveinterval') ?? '0') === '0') {
    options.push(...option(`ServerAliveInterval=${patience.alive}`));
    options.push(...option(`ServerAliveCountMax=${patience.times}`));
  }
  return options;
}

function option(setting: string): ByteString[] {
  return [ascii('-o'), ascii(setting)];
}
