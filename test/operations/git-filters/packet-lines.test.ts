import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run as filterProcess } from '../../../src/operations/git-filters/filter-process.js';
import {
  createPacketReader,
  FLUSH,
  LARGEST_PACKET,
  packet,
  sendContent,
} from '../../../src/operations/git-filters/packet-lines.js';
import { bytes } from '../../support/annex-repository.js';

/** The bytes in pieces as a pipe may deliver them. */
function inPieces(all: Buffer, sizes: readonly number[]): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < all.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 7);
    pieces.push(all.subarray(at, at + size));
    at += size;
  }
  return Readable.from(pieces);
}

test('what is sent in packets arrives, in whatever pieces', async () => {
  const content = fc.uint8Array({ maxLength: 500 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      async (contents, sizes) => {
        const wire = Buffer.concat([
          ...contents.flatMap((each) => (each.length > 0 ? [packet(each)] : [])),
          FLUSH,
          packet('next'),
          FLUSH,
        ]);
        const reader = createPacketReader(inPieces(wire, sizes));
        const seen: Buffer[] = [];
        for await (const piece of reader.untilFlush()) seen.push(Buffer.from(piece));
        expect(Buffer.concat(seen).equals(Buffer.concat(contents))).toBe(true);
        expect(String(await reader.next())).toBe('next');
        expect(await reader.next()).toBe('flush');
        expect(await reader.next()).toBeUndefined();
      },
    ),
  );
});

test('large content is cut to what a packet may hold', async () => {
  const stream = new PassThrough();
  const content = Buffer.alloc(3 * LARGEST_PACKET + 5, 'x');
  const sent = sendContent(stream, [content]);
  const reader = createPacketReader(stream);
  const sizes: number[] = [];
  for await (const piece of reader.untilFlush()) sizes.push(piece.length);
  await sent;
  expect(sizes).toEqual([LARGEST_PACKET, LARGEST_PACKET, LARGEST_PACKET, 5]);
});

test('reading that stopped early can skip to the flush', async () => {
  const reader = createPacketReader(
    Readable.from([Buffer.concat([packet('a'), packet('b'), packet('c'), FLUSH, packet('d')])]),
  );
  const content = reader.untilFlush();
  for await (const _ of content) break;
  await content.skip();
  await content.skip();
  expect(String(await reader.next())).toBe('d');
});

test.each(['00', '0003', 'zzzz', '0010short', '-001', '0x10'])('a stream of %j is refused', async (wire) => {
  const reader = createPacketReader(Readable.from([Buffer.from(wire)]));
  await expect(reader.next()).rejects.toMatchObject({ code: 'git-failed' });
});

test("another welcome than git's is refused", async () => {
  const stdin = Readable.from([Buffer.concat([packet('git-other-client\n'), packet('version=2\n'), FLUSH])]);
  const streams = { stdin, stdout: new PassThrough(), stderr: new PassThrough(), cwd: bytes('/') };
  await expect(filterProcess([], streams)).rejects.toMatchObject({
    message: 'git protocol error: unsupported welcome message',
  });
});
