import { createServer } from 'node:net';

/** Below the ports that the system gives to whoever asks for any: those may be taken before the server is started. */
const FIRST = 10_000;
const LAST = 32_000;
/** Ports that a process of tests asks for, at most. */
const EACH = 20;

let count = 0;

/** A port of this machine for a server that is started next. Test processes at work together get different ones. */
export async function freePort(): Promise<number> {
  const places = Math.floor((LAST - FIRST) / EACH);
  for (let tries = 0; tries < places; tries++) {
    const port = FIRST + ((process.pid + tries) % places) * EACH + (count++ % EACH);
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
