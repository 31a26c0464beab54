import type { Key } from '../../../../domain/key.js';
import type { Uuid } from '../../../../domain/uuid.js';
import { atOnce } from '../../../../lib/at-once.js';
import type { ByteString } from '../../../../lib/bytes.js';
import { placementOrder } from '../../../../planning/node-choice.js';
import type { ReceiveAnswer, SharedCheck } from '../../../../protocol/served-content.js';
import { createSharedCheck } from '../../../../protocol/shared-check.js';
import { whoHas } from './ask-members.js';
import { fanOut, type Target } from './fan-out.js';
import { type Cluster, isExpected, type Member, touchedNodes } from './member.js';

/** How far the nodes have come that are to receive a content. */
interface Progress {
  readonly targets: Target[];
  /** The nodes that have it already. */
  readonly having: Set<Uuid>;
  /** The repositories that have it, or will. */
  readonly locations: Set<Uuid>;
  readonly errors: unknown[];
  /** All of them get the same bytes. */
  readonly check: SharedCheck;
}

/** What a content meets that is to be stored. */
export interface Storing {
  readonly answer: ReceiveAnswer;
  /** Those that were asked and have it already. */
  readonly having: ReadonlySet<Member>;
}

/**
 * Makes the nodes ready whose preferred content wants a content; all of them, when nobody has it or wants it. Each is asked
 * knowing what the ones before will take; for one that turns out to be out of reach another one may want it.
 */
export async function beginStoring(cluster: Cluster, key: Key, file: ByteString): Promise<Storing> {
  const recorded = await cluster.book.locations(key);
  const { having, silent } = await whoHas(
    cluster,
    key,
    (member) => member.gateway === undefined && (member.hops === 0 || isExpected(member, recorded)),
  );
  const progress: Progress = {
    targets: [],
    having: new Set([...having].map(({ uuid }) => uuid)),
    locations: new Set([...recorded, ...[...having].map(({ uuid }) => uuid)]),
    errors: [...silent.values()],
    check: createSharedCheck(),
  };
  let left = placementOrder(
    cluster.members.filter((one) => !having.has(one) && !silent.has(one) && !one.readonly),
    key,
  );
  for (let first = true; left.length > 0; first = false) {
    const chosen = await choose(cluster, left, { key, file }, progress, first);
    if (chosen.length === 0) break;
    left = left.filter((member) => !chosen.includes(member));
    const failures = await atOnce(chosen, cluster.jobs, (member) =>
      begin(cluster, member, key, file, progress),
    );
    if (!failures.includes(true)) break;
  }
  return { answer: await answerOf(cluster, key, progress, recorded), having };
}

/** Milliseconds for which a node that was too slow for the others gets only what nobody else takes. */
const SHUNNED = 300_000;

/** Who is to be asked next: who wants it, and at first everybody when nobody does. */
async function choose(
  cluster: Cluster,
  left: readonly Member[],
  item: { readonly key: Key; readonly file: ByteString },
  { targets, having, locations }: Progress,
  isFirst: boolean,
): Promise<readonly Member[]> {
  const now = performance.now();
  const fast = left.filter(({ load }) => now - load.laggedAt >= SHUNNED);
  const wanting = await whoWants(cluster, fast, item, locations);
  if (wanting.length > 0 || targets.length > 0 || having.size > 0) return wanting;
  const slow = await whoWants(
    cluster,
    left.filter((member) => !fast.includes(member)),
    item,
    locations,
  );
  if (slow.length > 0 || !isFirst) return slow;
  return fast.length > 0 ? fast : left;
}

/** The members whose nodes want a content, each knowing of the ones before. */
async function whoWants(
  { book }: Cluster,
  members: readonly Member[],
  { key, file }: { readonly key: Key; readonly file: ByteString },
  locations: ReadonlySet<Uuid>,
): Promise<Member[]> {
  const taken = new Set(locations);
  const wanting: Member[] = [];
  for (const member of members) {
    let wanted = false;
    for (const node of member.nodes) {
      if (locations.has(node) && member.gateway !== undefined) continue;
      if ((await book.wants(node, key, file, taken)) === false) continue;
      wanted = true;
      taken.add(node);
    }
    if (wanted) wanting.push(member);
  }
  return wanting;
}

/** True when the node failed, so that another one may take its part. */
async function begin(
  { failed }: Cluster,
  member: Member,
  key: Key,
  file: ByteString,
  { targets, having, locations, errors, check }: Progress,
): Promise<boolean> {
  try {
    const answer = await member.content.receive(key, file, check);
    if (answer.kind === 'wanted') targets.push({ member, reception: answer.reception });
    if (answer.kind === 'there') for (const node of touchedNodes(member, answer.also)) having.add(node);
    if (answer.kind !== 'refused') for (const node of member.nodes) locations.add(node);
    return answer.kind === 'refused';
  } catch (error) {
    failed(member, error);
    errors.push(error);
    return true;
  }
}

async function answerOf(
  cluster: Cluster,
  key: Key,
  progress: Progress,
  recorded: ReadonlySet<Uuid>,
): Promise<ReceiveAnswer> {
  const { targets, having, errors } = progress;
  const { book, failed, patience } = cluster;
  const stored = async (nodes: readonly ByteString[]) => {
    await book.record(key, [...having, ...(nodes as readonly Uuid[])], 'present');
    return { success: nodes.length > 0, also: [...having, ...nodes] };
  };
  if (targets.length > 0) return { kind: 'wanted', reception: fanOut({ targets, failed, patience, stored }) };
  if (having.size > 0) {
    const unrecorded = [...having].filter((node) => !recorded.has(node));
    await book.record(key, unrecorded, 'present');
    return { kind: 'there', also: [...having] };
  }
  if (errors.length > 0) throw errors[0];
  return { kind: 'refused' };
}
