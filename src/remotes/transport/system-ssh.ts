import type { ByteString } from '../../lib/bytes.js';
import { spawnBytes } from '../../lib/spawn-bytes.js';
import { gitEnvironment } from '../../repository/git/environment.js';
import { childCommand } from './child-command.js';
import type { RemoteCommand, Transport } from './transport.js';

/** A program that runs commands on another machine, as ssh does. */
export interface SshCommandLine {
  readonly program: string;
  /** All but the command. */
  readonly args: readonly ByteString[];
  /** Where it runs. */
  readonly folder: ByteString;
}

export interface SystemSshOptions {
  /** Tells the command line; asked when it is first needed, and again after the end. */
  readonly commandLine: () => Promise<SshCommandLine>;
  /**
   * Whether the commands share one connection. It is made before the first of them, so that several that start at once do
   * not each make one.
   */
  readonly shared: boolean;
  /** The error for a connection that can't be made, from what ssh said. */
  readonly failure: (said: string) => Error;
  /** Called at the end. */
  readonly release?: () => Promise<void>;
}

/** The exit code by which ssh says that the connection failed (ssh(1)). */
const connectionFailed = 255;

/** Commands over the system's ssh, or a program that stands in for it. */
export function createSystemSsh(options: SystemSshOptions): Transport {
  const running = new Set<RemoteCommand>();
  let line: Promise<SshCommandLine> | undefined;
  let connected: Promise<void> | undefined;

  async function start(command: ByteString): Promise<RemoteCommand> {
    line ??= options.commandLine();
    const { program, args, folder } = await line;
    const child = spawnBytes(program, [...args, command], {
      cwd: folder,
      env: gitEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const started = childCommand(child, (code) => (code === connectionFailed ? undefined : code));
    running.add(started);
    void started.exited.then(() => running.delete(started));
    return started;
  }

  async function connect(): Promise<void> {
    // Whatever comes of the command (the account may be restricted to others), the connection is there then.
    const command = await start('true' as ByteString);
    command.output.end();
    command.input.resume();
    if ((await command.exited) !== undefined) return;
    connected = undefined;
    throw options.failure(command.complaints());
  }

  return {
    async run(command) {
      if (options.shared) {
        connected ??= connect();
        await connected;
      }
      return start(command);
    },
    async close() {
      const ends = [...running].map(({ exited }) => exited);
      for (const command of running) command.close();
      await Promise.all(ends);
      line = undefined;
      connected = undefined;
      await options.release?.();
    },
  };
}
