import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { ascii, type ByteString } from '../../src/lib/bytes.js';
import { streamSinks } from '../../src/report/sink.js';

test('the two outputs keep their common order', async () => {
  const terminal: string[] = [];
  const stream = () => {
    const through = new PassThrough();
    through.on('data', (chunk: Buffer) => terminal.push(chunk.toString('latin1')));
    return through;
  };
  const { out, err } = streamSinks(stream(), stream());
  out.write(ascii('get a \n'));
  err.write(ascii('  disk full\n'));
  out.write(ascii('failed\n'));
  await Promise.all([out.flush(), err.flush()]);
  expect(terminal.join('')).toBe('get a \n  disk full\nfailed\n');
});

test('bytes go out as they are, and a closed stream takes nothing', async () => {
  const chunks: Buffer[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const { out } = streamSinks(stream, new PassThrough());
  out.write('\xff\n' as ByteString);
  await out.flush();
  expect(Buffer.concat(chunks).toString('latin1')).toBe('\xff\n');
  stream.destroy();
  out.write(ascii('more'));
  await out.flush();
  expect(chunks).toHaveLength(1);
});
