import { createConnection } from 'node:net';
import { freePort } from './free-port.js';
import type { Annex, Running, Scene } from './scene.js';

/** A p2phttp server at work. */
export interface HttpServer {
  readonly port: number;
  readonly running: Running;
  /** Sends SIGTERM and waits. */
  stop(): Promise<void>;
}

/** Starts git-annex's p2phttp, or ours, in a repository of the scene. git-annex's has enough workers never to block. */
export async function startHttpServer(
  scene: Scene,
  who: Annex,
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<HttpServer> {
  const port = await freePort();
  const own = who === 'real' ? ['-J90'] : [];
  const common = ['p2phttp', '--bind', '127.0.0.1', '--port', String(port)];
  const running = scene.start(who, [...common, ...own, ...args], cwd, { env });
  await listening(port, running);
  return {
    port,
    running,
    async stop() {
      running.child.kill('SIGTERM');
      await running.ended;
    },
  };
}

async function listening(port: number, { ended }: Running): Promise<void> {
  let failure: string | undefined;
  ended.then(
    ({ status, stderr }) => {
      failure = `exit ${status}: ${stderr}`;
    },
    (error: unknown) => {
      failure = String(error);
    },
  );
  for (let tries = 0; tries < 600 && failure === undefined; tries++) {
    const answers = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (answers) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server does not answer: ${failure ?? 'too slow'}`);
}
