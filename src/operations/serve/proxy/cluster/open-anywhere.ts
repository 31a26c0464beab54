import type { Key } from '../../../../domain/key.js';
import type { Uuid } from '../../../../domain/uuid.js';
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
  let known: Promise<ReadonlySet<Uuid>> | undefined;
  const locations = () => (known ??= cluster.book.locations(key));
  const left = sources(cluster.members, locations, turn);
  let doubt: unknown;
  const next = async (from: number): Promise<OpenContent | undefined> => {
    // Not `for await`: the next call goes on with those that are left.
    for (let source = await left.next(); !source.done; source = await left.next()) {
      const member = source.value;
      try {
        const content = await member.content.open(key, from, file);
        if (content !== undefined) return observed(cluster, member, content);
      } catch (error) {
        cluster.failed(member, error);
        if (isExpected(member, await locations())) doubt ??= error;
      }
    }
    return undefined;
  };
  const content = await resumedContent(next, offset);
  if (content === undefined && doubt !== undefined) throw doubt;
  return content;
}

/** Those on disks of this machine first, since looking there costs less than to know where the content should be. */
async function* sources(
  members: readonly Member[],
  locations: () => Promise<ReadonlySet<Uuid>>,
  turn: number,
): AsyncGenerator<Member, undefined> {
  const near = members.filter(({ hops }) => hops === 0);
  yield* inOrder(near, () => true, turn);
  const far = members.filter(({ hops }) => hops > 0);
  if (far.length === 0) return;
  const known = await locations();
  yield* inOrder(far, (member) => isExpected(member, known), turn);
}

function inOrder(members: readonly Member[], expected: (member: Member) => boolean, turn: number): Member[] {
  const facts = members.map((member) => ({
    member,
    expected: expected(member),
    hops: member.hops,
    ...member.load,
  }));
  return sourceOrder(facts, turn).map(({ member }) => member);
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
