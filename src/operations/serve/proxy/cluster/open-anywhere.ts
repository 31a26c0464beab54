import type { Key } from '../../../../domain/key.js';
import type { ByteString } from '../../../../lib/bytes.js';
import { sourceOrder } from '../../../../planning/node-choice.js';
import { resumedContent } from '../../../../protocol/resumed-content.js';
import type { OpenContent } from '../../../../protocol/served-content.js';
import { type Cluster, isExpected, type Member } from './member.js';

/** Bytes from which on a transfer tells how fast a node is. */
const MEASURABLE = 1 << 18;

/** A content that somebody wants, from an offset on. */
export interface SoughtContent {
  readonly key: Key;
  readonly offset: number;
  /** For information only. */
  readonly file: ByteString;
}

/**
 * A content from the best node that has it; when that one fails in the middle, the next one goes on. Throws when nobody has it
 * and a node could not be asked.
 * @param turn a number that is another one each time
 */
export async function openAnywhere(
  cluster: Cluster,
  { key, offset, file }: SoughtContent,
  turn: number,
): Promise<OpenContent | undefined> {
  const locations = await cluster.book.locations(key);
  const sources = cluster.members.map((member) => ({
    member,
    expected: isExpected(member, locations),
    hops: member.hops,
    ...member.load,
  }));
  const left = sourceOrder(sources, turn);
  let doubt: unknown;
  const next = async (from: number): Promise<OpenContent | undefined> => {
    for (let source = left.shift(); source !== undefined; source = left.shift()) {
      const { member, expected } = source;
      try {
        const content = await member.content.open(key, from, file);
        if (content !== undefined) return observed(cluster, member, content);
      } catch (error) {
        cluster.failed(member, error);
        if (expected) doubt ??= error;
      }
    }
    return undefined;
  };
  const content = await resumedContent(next, offset);
  if (content === undefined && doubt !== undefined) throw doubt;
  return content;
}

/** The same content; the node is busy until it is closed, and how fast it was is noted. */
function observed({ failed }: Cluster, member: Member, content: OpenContent): OpenContent {
  const { load } = member;
  load.active++;
  const start = performance.now();
  let sent = 0;
  let busy = true;
  return {
    ...content,
    async *pieces() {
      try {
        for await (const piece of content.pieces()) {
          sent += piece.length;
          yield piece;
        }
      } catch (error) {
        failed(member, error);
        throw error;
      }
    },
    async close(received) {
      if (busy) load.active--;
      if (busy && sent >= MEASURABLE)
        load.bytesPerSecond = (sent * 1000) / Math.max(1, performance.now() - start);
      busy = false;
      await content.close(received);
    },
  };
}
