import type { Key } from '../../../../domain/key.js';
import type { Uuid } from '../../../../domain/uuid.js';
import { atOnce } from '../../../../lib/at-once.js';
import { firstYes } from '../../../../lib/first-yes.js';
import { arrivalAt } from '../../../../protocol/arrival.js';
import { type Outcome, plainly } from '../../../../protocol/outcome.js';
import { type Cluster, isExpected, type Member, touchedNodes } from './member.js';

/**
 * Whether any node has a content. Those on disks of this machine are asked first, then those that should have it, then the
 * others. Throws when none says that it has it, and one that should cannot be asked.
 */
export async function presentAnywhere(cluster: Cluster, key: Key): Promise<boolean> {
  const silent = new Map<Member, unknown>();
  const ask = async (member: Member): Promise<boolean> => {
    try {
      return await member.content.present(key);
    } catch (error) {
      cluster.failed(member, error);
      silent.set(member, error);
      return false;
    }
  };
  const near = cluster.members.filter(({ hops }) => hops === 0);
  if (await firstYes(near, cluster.jobs, ask)) return true;
  const far = cluster.members.filter((member) => !near.includes(member));
  if (far.length === 0 && silent.size === 0) return false;
  const locations = await cluster.book.locations(key);
  const expected = far.filter((member) => isExpected(member, locations));
  const others = far.filter((member) => !expected.includes(member));
  for (const group of [expected, others]) if (await firstYes(group, cluster.jobs, ask)) return true;
  for (const [member, error] of silent) if (isExpected(member, locations)) throw error;
  return false;
}

/** The members that have a content, of those that come into question, and why others can't be asked. */
export async function whoHas(
  cluster: Cluster,
  key: Key,
  isCandidate: (member: Member) => boolean,
): Promise<{ readonly having: ReadonlySet<Member>; readonly silent: ReadonlyMap<Member, unknown> }> {
  const having = new Set<Member>();
  const silent = new Map<Member, unknown>();
  await atOnce(cluster.members.filter(isCandidate), cluster.jobs, async (member) => {
    try {
      if (await member.content.present(key)) having.add(member);
    } catch (error) {
      cluster.failed(member, error);
      silent.set(member, error);
    }
  });
  return { having, silent };
}

/** Finds the nodes that have a content which a client brought there in another way; the gateway knows of them from then on. */
export async function noteArrival(cluster: Cluster, key: Key): Promise<Outcome> {
  const nodes: Uuid[] = [];
  let success = false;
  await atOnce(cluster.members, cluster.jobs, async (member) => {
    try {
      // Only another gateway is to look further.
      const { content, gateway } = member;
      const outcome = await (gateway === undefined
        ? content.present(key).then(plainly)
        : arrivalAt(content, key));
      if (!outcome.success) return;
      success = true;
      nodes.push(...touchedNodes(member, outcome.also));
    } catch (error) {
      cluster.failed(member, error);
    }
  });
  await cluster.book.record(key, nodes, 'present');
  return { success, also: nodes };
}
