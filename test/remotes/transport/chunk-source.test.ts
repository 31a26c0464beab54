import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createChunkSource } from '../../../src/remotes/transport/chunk-source.js';

describe('createChunkSource', () => {
  it('gives the pieces as they came, and then the end', async () => {
    const pieces = ['a', 'bc', 'def'].map((text) => Buffer.from(text));
    const source = createChunkSource(Readable.from(pieces, { objectMode: false }));
    const seen: string[] = [];
    for (let piece = await source.next(); piece !== undefined; piece = await source.next())
      seen.push(piece.toString());
    expect(seen).toEqual(['a', 'bc', 'def']);
    expect(await source.next()).toBeUndefined();
  });

  it('stops a stream whose bytes nobody takes, and lets it go on', async () => {
    let made = 0;
    const endless = new Readable({
      read() {
        made += 1 << 16;
        this.push(Buffer.alloc(1 << 16));
      },
    });
    const source = createChunkSource(endless);
    const quiet = async () => {
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    await quiet();
    const ahead = made;
    expect(ahead).toBeLessThanOrEqual(1 << 18);
    for (let taken = 0; taken < ahead + (4 << 20); ) taken += (await source.next())?.length ?? 0;
    await quiet();
    expect(made).toBeLessThanOrEqual(ahead + (5 << 20));
    endless.destroy();
  });

  it('gives what came before the stream broke, and then throws', async () => {
    const stream = new PassThrough();
    const source = createChunkSource(stream);
    stream.write('ab');
    expect((await source.next())?.toString()).toBe('ab');
    stream.destroy(new Error('broken'));
    await expect(source.next()).rejects.toThrow('broken');
    const closed = new PassThrough();
    const cut = createChunkSource(closed);
    closed.destroy();
    await expect(cut.next()).rejects.toThrow();
  });
});
