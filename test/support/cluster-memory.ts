import type { Uuid } from '../../src/domain/uuid.js';
import { clusterContent } from '../../src/operations/serve/proxy/cluster/cluster-content.js';
import type { ClusterBook, Member } from '../../src/operations/serve/proxy/cluster/member.js';
import type { ServedContent } from '../../src/protocol/served-content.js';
import { type ServedMemory, serveMemory } from './served-memory.js';

/** A cluster of repositories in memory. */
export interface ClusterMemory {
  readonly content: ServedContent;
  readonly nodes: ReadonlyMap<string, ServedMemory>;
  readonly gateway: ServedMemory;
  /** What the gateway recorded: `KEY NODE`. */
  readonly recorded: Set<string>;
  /** The nodes that failed, in order. */
  readonly failures: string[];
  /** How often the gateway looked up where a content is. */
  lookups(): number;
  /** Locks, contents and receptions that are open at any node. */
  unfinished(): number;
}

export interface ClusterMemoryOptions {
  /** What each node has, by key. */
  readonly nodes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Contents that are right, by key. */
  readonly wanted?: Readonly<Record<string, string>>;
  readonly gateway?: Readonly<Record<string, string>>;
  /** Puts faults into a node. */
  readonly faults?: (node: string, content: ServedMemory) => ServedContent;
  readonly wants?: ClusterBook['wants'];
  readonly hops?: (node: string) => number;
  /** The nodes behind another gateway. */
  readonly behind?: (node: string) => readonly string[] | undefined;
  readonly patience?: number;
  readonly jobs?: number;
  /** A node for which the others wait. */
  readonly waitedFor?: string;
}

export function clusterMemory(options: ClusterMemoryOptions): ClusterMemory {
  const {
    nodes,
    wanted = {},
    faults = (_, content) => content,
    hops = () => 0,
    behind = () => undefined,
  } = options;
  const memories = new Map(Object.entries(nodes).map(([name, has]) => [name, serveMemory(has, wanted)]));
  const recorded = new Set<string>();
  for (const [name, { contents }] of memories)
    for (const key of contents.keys()) recorded.add(`${key} ${name}`);
  const failures: string[] = [];
  let lookups = 0;
  const book: ClusterBook = {
    async locations(key) {
      lookups++;
      return new Set(
        [...recorded].flatMap((entry) =>
          entry.startsWith(`${key} `) ? (entry.slice(key.length + 1) as Uuid) : [],
        ),
      );
    },
    wants: options.wants ?? (async () => undefined),
    asksNames: async () => false,
    async record(key, uuids, state) {
      for (const uuid of uuids) recorded[state === 'present' ? 'add' : 'delete'](`${key} ${uuid}`);
    },
  };
  const members = [...memories].map(([name, memory]): Member => {
    const others = behind(name);
    return {
      uuid: (others === undefined ? name : 'cluster') as Uuid,
      name,
      gateway: others === undefined ? undefined : (name as Uuid),
      nodes: new Set((others ?? [name]) as Uuid[]),
      hops: hops(name),
      readonly: false,
      waitedFor: options.waitedFor === name,
      load: { active: 0, bytesPerSecond: undefined, laggedAt: Number.NEGATIVE_INFINITY },
      content: faults(name, memory),
    };
  });
  const gateway = serveMemory(options.gateway ?? {}, wanted);
  let turn = 0;
  const content = clusterContent({
    uuid: 'cluster' as Uuid,
    members,
    book,
    gateway,
    failed: ({ name }) => void failures.push(name),
    turn: () => turn++,
    patience: options.patience ?? 30_000,
    jobs: options.jobs,
  });
  const unfinished = () =>
    [gateway, ...memories.values()].reduce((sum, memory) => sum + memory.unfinished(), 0);
  return { content, nodes: memories, gateway, recorded, failures, lookups: () => lookups, unfinished };
}
