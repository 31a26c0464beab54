import { createConnection, createServer, type Socket } from 'node:net';

/** A TCP relay to a port of this machine that holds every piece back, in order: a far away server, made without help of the kernel. */
export interface Relay {
  readonly port: number;
  close(): void;
}

/** Bytes on their way in one direction from which on no more are taken in. */
const MOST_UNDERWAY = 64 << 20;

/** @param oneWay milliseconds that each direction takes */
export async function startRelay(target: number, oneWay: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
      delay(from, to, oneWay);
    }
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function delay(from: Socket, to: Socket, milliseconds: number): void {
  let underway = 0;
  // Timers of the same length fire in the order in which they were set.
  from.on('data', (piece: Buffer) => {
    underway += piece.length;
    if (underway > MOST_UNDERWAY) from.pause();
    setTimeout(() => {
      underway -= piece.length;
      if (!to.destroyed) to.write(piece);
      if (underway <= MOST_UNDERWAY) from.resume();
    }, milliseconds);
  });
  from.on('end', () => setTimeout(() => to.end(), milliseconds));
}
