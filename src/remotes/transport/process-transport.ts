import type { ByteString } from '../../lib/bytes.js';
import { spawnBytes } from '../../lib/spawn-bytes.js';
import { gitEnvironment } from '../../repository/git/environment.js';
import { childCommand } from './child-command.js';
import type { RemoteCommand, Transport } from './transport.js';

/** Runs commands on this machine, each with a shell of its own, in a folder (default: the current one). */
export function createProcessTransport(folder?: ByteString): Transport {
  const running = new Set<RemoteCommand>();
  return {
    async run(command) {
      const child = spawnBytes('/bin/sh', ['-c', command], {
        cwd: folder,
        env: gitEnvironment(),
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const started = childCommand(child);
      running.add(started);
      void started.exited.then(() => running.delete(started));
      return started;
    },
    async close() {
      const ends = [...running].map(({ exited }) => exited);
      for (const command of running) command.close();
      await Promise.all(ends);
    },
  };
}
