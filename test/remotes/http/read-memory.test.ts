import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReadMemory } from '../../../src/remotes/http/read-memory.js';

test('what is held stays as it is, and what is not is used again', () => {
  const read = fc.record({
    room: fc.nat(2),
    length: fc.integer({ min: 1, max: 200_000 }),
    held: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(read, fc.constant('release' as const)), { maxLength: 60 }), (steps) => {
      const memory = createReadMemory();
      const rooms = [memory.open(), memory.open(), memory.open()];
      const held: { piece: Buffer; mark: number }[] = [];
      let mark = 0;
      for (const step of steps) {
        if (step === 'release') {
          const first = held.shift();
          if (first !== undefined) memory.release(first.piece);
        } else {
          const room = rooms[step.room];
          const place = room?.next();
          const length = Math.min(step.length, place?.length ?? 0);
          mark = (mark + 1) % 250;
          place?.subarray(0, length).fill(mark);
          const piece = room?.filled(length);
          if (step.held && piece !== undefined) {
            memory.hold(piece);
            held.push({ piece, mark });
          }
        }
        for (const one of held) {
          expect(one.piece[0]).toBe(one.mark);
          expect(one.piece.at(-1)).toBe(one.mark);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('one block serves reads that are done with at once', () => {
  const room = createReadMemory().open();
  const first = room.next();
  room.filled(10);
  expect(room.next().buffer).toBe(first.buffer);
  expect(room.next().byteOffset).toBe(first.byteOffset);
});

test('memory of others is left alone', () => {
  const memory = createReadMemory();
  const piece = Buffer.from('x');
  memory.release(piece);
  expect(memory.open().next().buffer).not.toBe(piece.buffer);
});
