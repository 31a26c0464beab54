import { spawn } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { serveRepository } from '../../src/operations/serve/serve-repository.js';
import type { Uuid } from '../../src/domain/uuid.js';
import type { Access } from '../../src/protocol/session.js';
import { serve } from '../../src/protocol/serve.js';
import type { Channel, OpenChannel } from '../../src/remotes/p2p/channel.js';
import { createStreamWire } from '../../src/remotes/transport/stream-wire.js';
import type { Repository } from '../../src/repository/repository.js';

/** Our own shell, as it is built. */
export const OUR_SHELL = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));

/** The other end of a connection in memory: what the client says, and where answers go. */
export interface OtherEnd {
  readonly input: Readable;
  readonly output: Writable;
}

/** Connections in memory; `server` answers each, and the connection is over when it returns. */
export function memoryChannels(server: (end: OtherEnd) => Promise<void>): OpenChannel {
  return async () => {
    const [toServer, toClient] = [new PassThrough(), new PassThrough()];
    const close = (): void => {
      toServer.destroy();
      toClient.destroy();
    };
    void server({ input: toServer, output: toClient })
      .catch(() => undefined)
      .finally(() => toClient.end());
    return { wire: createStreamWire(toClient, toServer), lost: async () => undefined, close };
  };
}

/** Our server of a repository, in memory. */
export function serverOf(repository: Repository, client: Uuid, access: Access = 'all') {
  const content = serveRepository({ repository, client, onChange: () => undefined });
  return ({ input, output }: OtherEnd): Promise<void> =>
    serve(createStreamWire(input, output), content, access);
}

/** Connections to child processes that speak on their standard streams. */
export function processChannels(program: string, args: readonly string[]): OpenChannel {
  return async (): Promise<Channel> => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    return {
      wire: createStreamWire(child.stdout, child.stdin),
      async lost() {
        child.kill();
        await ended;
        return said.trim() || undefined;
      },
      close() {
        child.stdin.destroy();
        child.stdout.destroy();
        child.kill();
      },
    };
  };
}
