import { connect, type Socket } from 'node:net';

export interface SocketTarget {
  readonly host: string;
  readonly port: number;
  /** 4 or 6: only addresses of this family. */
  readonly family?: 4 | 6;
  readonly localAddress?: string;
}

/**
 * A connection on which what is written in one turn goes out together. The ssh library writes each packet in three or four
 * parts, which would be as many system calls, and wake the server as often.
 */
export function connectGathering(target: SocketTarget): Socket {
  const socket = connect({ ...target, noDelay: true });
  const write = socket.write;
  let gathering = false;
  socket.write = (...given: unknown[]): boolean => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(() => {
        gathering = false;
        socket.uncork();
      });
    }
    return Reflect.apply(write, socket, given);
  };
  return socket;
}
