import { Readable, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createStreamWire } from '../../../src/remotes/transport/stream-wire.js';

it('says that nobody reads bytes any more when they are written, and not before', async () => {
  const writes: (() => void)[] = [];
  const output = new Writable({ write: (_chunk, _encoding, done) => void writes.push(done) });
  const wire = createStreamWire(Readable.from([]), output);
  let taken = 0;
  void wire.sendData(Buffer.alloc(1 << 20), () => taken++).catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toBe(0);
  writes.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toBe(1);
  void wire.sendData(Buffer.alloc(1 << 20), () => taken++).catch(() => undefined);
  output.destroy(new Error('broken'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toBe(1);
});
