import { createServer, connect, type Socket } from 'node:net';

/** Passes on every connection to a port of this machine, until it is told otherwise. */
export interface Relay {
  readonly port: number;
  /** Connections made so far. */
  readonly count: number;
  /** Cuts what is connected now. */
  cut(): void;
  stop(): Promise<void>;
}

/** @param allowance bytes from the server after which a connection is cut; asked for each connection */
export async function startRelay(to: number, allowance: () => number = () => Infinity): Promise<Relay> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((near) => {
    count++;
    let left = allowance();
    const far = connect(to, '127.0.0.1');
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) cut();
      else if (!near.write(chunk)) {
        far.pause();
        near.once('drain', () => far.resume());
      }
    });
    far.on('end', () => near.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    get count() {
      return count;
    },
    cut,
    stop() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
