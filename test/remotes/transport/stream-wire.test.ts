import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { connectGathering } from '../../../src/remotes/transport/gathering-socket.js';
import { createStreamWire } from '../../../src/remotes/transport/stream-wire.js';

/** A connection, and what comes out at its other end. */
async function connection(): Promise<{ near: Socket; received: Promise<Buffer> }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const near = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  const chunks: Buffer[] = [];
  far.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    far.pause();
    setImmediate(() => far.resume());
  });
  return { near, received: once(far, 'end').then(() => Buffer.concat(chunks)) };
}

describe('the protocol over streams', () => {
  it('gives memory back only when the bytes are written', async () => {
    const { near, received } = await connection();
    const wire = createStreamWire(new PassThrough(), near);
    const expected: Buffer[] = [];
    const spare: Uint8Array[] = [];
    let made = 0;
    for (let i = 0; i < 200; i++) {
      const memory = spare.pop() ?? Buffer.alloc(1 << 18);
      if (expected.length > 0 && memory[0] === 0) made++;
      memory.fill(1 + (i % 250));
      expected.push(Buffer.from(memory));
      await wire.sendData(memory, (bytes) => spare.push(bytes));
    }
    near.end();
    expect((await received).equals(Buffer.concat(expected))).toBe(true);
    expect(made).toBeLessThan(199);
  });

  it('keeps memory that another stream may still hold', async () => {
    const wire = createStreamWire(new PassThrough(), new PassThrough({ highWaterMark: 1 << 20 }));
    let given = 0;
    await wire.sendData(Buffer.alloc(1 << 18), () => given++);
    await new Promise((done) => setImmediate(done));
    expect(given).toBe(0);
  });
});

describe('a connection that gathers what is written', () => {
  it('sends everything in order, also what is written right before the end', async () => {
    const chunks: Buffer[] = [];
    const server = createServer((socket) => socket.on('data', (chunk) => chunks.push(chunk)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const socket = connectGathering({ host: '127.0.0.1', port });
    socket.write('a');
    await new Promise((done) => socket.once('connect', done));
    for (let i = 0; i < 5; i++) {
      for (const text of ['one ', 'two ', `${i}\n`]) socket.write(text);
      if (i % 2 === 0) await new Promise((done) => setImmediate(done));
    }
    socket.end('end');
    await new Promise((done) => socket.once('close', done));
    server.close();
    const lines = [0, 1, 2, 3, 4].map((i) => `one two ${i}\n`).join('');
    expect(Buffer.concat(chunks).toString()).toBe(`a${lines}end`);
  });
});
