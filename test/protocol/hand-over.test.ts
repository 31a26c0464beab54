import { expect, it } from 'vitest';
import type { Key } from '../../src/domain/key.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { handOver } from '../../src/protocol/hand-over.js';
import type { ServedContent } from '../../src/protocol/served-content.js';
import { type ServedMemory, serveMemory } from '../support/served-memory.js';

const key = 'K' as Key;
const text = 'what is handed over';

async function pass(from: ServedContent, to: ServedContent, signal = new AbortController().signal) {
  const seen: number[] = [];
  const end = await handOver({
    key,
    file: 'f' as ByteString,
    from,
    to,
    onProgress: (bytes) => seen.push(bytes),
    signal,
  });
  return { end, seen };
}

const nothingOpen = (...places: ServedMemory[]) =>
  expect(places.map((place) => place.unfinished())).toEqual(places.map(() => 0));

it('brings a content from one repository to another', async () => {
  const [from, to] = [serveMemory({ K: text }), serveMemory({}, { K: text })];
  const { end, seen } = await pass(from, to);
  expect(end).toEqual({ kind: 'stored', also: [] });
  expect(to.contents.get('K')?.toString()).toBe(text);
  expect([seen[0], seen.at(-1)]).toEqual([0, text.length]);
  expect((await pass(from, to)).end).toEqual({ kind: 'there', also: [] });
  nothingOpen(from, to);
});

it('goes on where an earlier attempt ended', async () => {
  const [from, to] = [serveMemory({ K: text }), serveMemory({}, { K: text })];
  to.partial.set('K', Buffer.from(text.slice(0, 5)));
  const { end, seen } = await pass(from, to);
  expect(end).toEqual({ kind: 'stored', also: [] });
  expect(seen[0]).toBe(5);
  expect(to.contents.get('K')?.toString()).toBe(text);
});

it('tells who does not have it, and who does not keep it', async () => {
  const to = serveMemory({}, { K: text });
  expect((await pass(serveMemory({}), to)).end).toEqual({ kind: 'missing' });
  const wrong = serveMemory({ K: text.toUpperCase() });
  expect((await pass(wrong, to)).end).toEqual({ kind: 'refused' });
  expect(to.contents.size).toBe(0);
  nothingOpen(wrong, to);
});

it('tells on which side it failed, and keeps what came', async () => {
  const lost = new Error('lost');
  const from = serveMemory({ K: text });
  const breaking: ServedContent = {
    ...from,
    async open(...asked) {
      const content = await from.open(...asked);
      return (
        content && {
          ...content,
          async *pieces() {
            yield Buffer.from(text.slice(0, 4));
            throw lost;
          },
        }
      );
    },
  };
  const to = serveMemory({}, { K: text });
  expect((await pass(breaking, to)).end).toEqual({ kind: 'failed', side: 'from', error: lost });
  expect(to.partial.get('K')?.toString()).toBe(text.slice(0, 4));
  const full: ServedContent = {
    ...to,
    async receive(...asked) {
      const answer = await to.receive(...asked);
      if (answer.kind !== 'wanted') return answer;
      return { kind: 'wanted', reception: { ...answer.reception, write: () => Promise.reject(lost) } };
    },
  };
  expect((await pass(from, full)).end).toEqual({ kind: 'failed', side: 'to', error: lost });
  const aborted = AbortSignal.abort(lost);
  expect((await pass(from, to, aborted)).end).toEqual({ kind: 'failed', side: 'to', error: lost });
  nothingOpen(from, to);
});
