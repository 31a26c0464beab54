import type { Uuid } from '../../../../domain/uuid.js';
import type { ServedContent } from '../../../../protocol/served-content.js';
import { noteArrival, presentAnywhere } from './ask-members.js';
import { openInside, storeFromInside } from '../from-inside.js';
import { attendedContent } from './attended-content.js';
import { beginStoring } from './begin-storing.js';
import type { Cluster, ClusterBook, Member } from './member.js';
import { openAnywhere } from './open-anywhere.js';
import { removeEverywhere } from './remove-everywhere.js';

export interface ClusterContentOptions {
  /** The cluster. */
  readonly uuid: Uuid;
  readonly members: readonly Member[];
  readonly book: ClusterBook;
  /** What the gateway itself has is sent from there; it is no node. */
  readonly gateway: ServedContent;
  /** Told which node failed, and why. */
  readonly failed: (member: Member, error: unknown) => void;
  /** Nodes that gateways on the way of a request reach by themselves. Default: none is known. */
  readonly reachedBefore?: (passedBy: ReadonlySet<string>) => ReadonlySet<Uuid>;
  /** A number that is another one each time, from a random start: equals take turns also among processes. */
  readonly turn: () => number;
  /** Milliseconds for which a node that does nothing is waited for while others could go on. */
  readonly patience: number;
  /** Members that are asked for something at once. Default: all. */
  readonly jobs?: number | undefined;
}

/** How many times longer another gateway is waited for: it waits for nodes of its own before it answers. */
export const RELAYED = 3;

/** A cluster as a client of its gateway sees it: one repository. */
export function clusterContent(options: ClusterContentOptions): ServedContent {
  const { uuid, book, gateway, failed, reachedBefore, turn, patience } = options;
  const jobs = options.jobs ?? Number.POSITIVE_INFINITY;
  const members = options.members.map((member) => {
    const time = member.gateway === undefined ? patience : patience * RELAYED;
    return { ...member, content: attendedContent(member.content, time) };
  });
  /** Without what leads back to gateways that the client has been through, and what those see to. */
  let reachable: readonly Member[] = members;
  const cluster = (): Cluster => ({ members: reachable, book, failed, patience, jobs });
  return {
    uuid,
    bypass(uuids) {
      reachable = withoutPassedBy(members, new Set(uuids), reachedBefore);
      for (const { content } of members) content.bypass?.(uuids);
    },
    now: gateway.now,
    present: (key) => presentAnywhere(cluster(), key),
    // Whoever needs a copy to stay locks it in a node.
    lock: async () => undefined,
    remove: (key, before) => removeEverywhere(cluster(), key, before),
    arrived: (key) => noteArrival(cluster(), key),
    open: async (key, offset, file) =>
      (await gateway.open(key, offset, file)) ?? openAnywhere(cluster(), { key, offset, file }, turn()),
    receive(key, file) {
      let having: readonly Member[] = [];
      const begin = async () => {
        const storing = await beginStoring(cluster(), key, file);
        having = [...storing.having];
        return storing.answer;
      };
      const near = async () => having;
      return storeFromInside(begin, (offset) =>
        openInside({ ...cluster(), gateway, near, turn }, { key, offset, file }),
      );
    },
    asksNames: () => book.asksNames(reachable.flatMap(({ nodes }) => [...nodes])),
  };
}

function withoutPassedBy(
  members: readonly Member[],
  passedBy: ReadonlySet<string>,
  reachedBefore: ClusterContentOptions['reachedBefore'],
): Member[] {
  const reached = reachedBefore?.(passedBy) ?? new Set<Uuid>();
  return members.flatMap((member) => {
    if (member.gateway === undefined) return [member];
    const nodes = new Set([...member.nodes].filter((node) => !reached.has(node)));
    return passedBy.has(member.gateway) || nodes.size === 0 ? [] : [{ ...member, nodes }];
  });
}
