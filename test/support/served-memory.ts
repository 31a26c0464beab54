import type { Key } from '../../src/domain/key.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { plainly } from '../../src/protocol/outcome.js';
import type { ServedContent } from '../../src/protocol/served-content.js';

/** A repository in memory, as clients of the P2P protocol see one, that keeps account of what is open. */
export interface ServedMemory extends ServedContent {
  readonly contents: Map<string, Buffer>;
  readonly partial: Map<string, Buffer>;
  /** Locks, open contents and receptions that were not ended. */
  unfinished(): number;
  readonly abandoned: string[];
}

/** Contents are right when they are what `wanted` says, by key; a key that is not in it takes anything. */
export function serveMemory(
  present: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>> = {},
): ServedMemory {
  const contents = new Map<string, Buffer>(
    Object.entries(present).map(([key, text]) => [key, Buffer.from(text)]),
  );
  const partial = new Map<string, Buffer>();
  const abandoned: string[] = [];
  let open = 0;
  const opened = <T>(value: T): T => {
    open++;
    return value;
  };
  const closed = () => void open--;
  return {
    contents,
    partial,
    abandoned,
    unfinished: () => open,
    uuid: 'server' as ByteString,
    now: () => 1000,
    present: async (key) => contents.has(key),
    async lock(key) {
      if (!contents.has(key)) return undefined;
      return opened({
        release: async () => closed(),
        abandon: async () => {
          abandoned.push(key);
          closed();
        },
      });
    },
    async remove(key, before) {
      if (before !== undefined && before <= 1000) return plainly(!contents.has(key));
      contents.delete(key);
      return plainly(true);
    },
    async open(key, offset) {
      const content = contents.get(key);
      if (content === undefined) return undefined;
      const rest = content.subarray(offset);
      return opened({
        length: rest.length,
        async *pieces() {
          for (let at = 0; at < rest.length; at += 3) yield rest.subarray(at, at + 3);
        },
        unchanged: async () => contents.get(key) === content,
        close: async () => closed(),
      });
    },
    async receive(key: Key) {
      if (contents.has(key)) return { kind: 'there', also: [] };
      let received: Buffer = partial.get(key) ?? Buffer.alloc(0);
      const reception = opened({
        offset: received.length,
        async write(bytes: Uint8Array) {
          received = Buffer.concat([received, bytes]);
        },
        async finish(confirmed = true) {
          closed();
          partial.delete(key);
          const text = wanted[key];
          if (text === undefined ? !confirmed : received.toString() !== text) return plainly(false);
          contents.set(key, received);
          return plainly(true);
        },
        async discard() {
          closed();
          partial.delete(key);
        },
        async leave() {
          closed();
          if (received.length > 0) partial.set(key, received);
        },
      });
      return { kind: 'wanted', reception };
    },
  };
}
