import type { Key } from '../../../../domain/key.js';
import type { Uuid } from '../../../../domain/uuid.js';
import type { ByteString } from '../../../../lib/bytes.js';
import type { ServedContent } from '../../../../protocol/served-content.js';

/** How busy and how fast a node is, as this process knows; kept as long as the gateway is open. */
export interface NodeLoad {
  /** Transfers under way. */
  active: number;
  /** Undefined: not measured yet. */
  bytesPerSecond: number | undefined;
  /** Monotonic milliseconds when it was too slow for the others. */
  laggedAt: number;
}

/** A node of a cluster, or another gateway of it with the nodes behind that one. */
export interface Member {
  /** The node; for another gateway: the cluster. */
  readonly uuid: Uuid;
  readonly name: string;
  /** The other gateway; undefined for a node that is reached otherwise. */
  readonly gateway: Uuid | undefined;
  /** What is stored by way of it: the node itself, or those behind the other gateway. */
  readonly nodes: ReadonlySet<Uuid>;
  /** Servers between here and there. */
  readonly hops: number;
  /** Nothing is to be stored there or removed. */
  readonly readonly: boolean;
  /** The others wait for it, however slow it is (`annex.stalldetection` is off). */
  readonly waitedFor: boolean;
  readonly load: NodeLoad;
  /** Opened when it is asked for something; each request throws when it is out of reach. */
  readonly content: ServedContent;
}

/** What a gateway knows of the contents of a cluster. */
export interface ClusterBook {
  /** The repositories that have a content, as recorded. */
  locations(key: Key): Promise<ReadonlySet<Uuid>>;
  /**
   * Whether a node's preferred content wants a content that is in `locations` by then; undefined: it has no expression.
   * @param file a name for it, empty when there is none
   */
  wants(node: Uuid, key: Key, file: ByteString, locations: ReadonlySet<Uuid>): Promise<boolean | undefined>;
  /** Whether what one of the nodes wants depends on the names of files. */
  asksNames(nodes: readonly Uuid[]): Promise<boolean>;
  /** Records where a content is now, or is no more. */
  record(key: Key, nodes: readonly Uuid[], state: 'present' | 'absent'): Promise<void>;
}

/** A cluster at work for one client. */
export interface Cluster {
  readonly members: readonly Member[];
  readonly book: ClusterBook;
  /** Told which node failed, and why. */
  readonly failed: (member: Member, error: unknown) => void;
  /** Milliseconds for which a node that does nothing is waited for while others could go on. */
  readonly patience: number;
  /** Members that are asked for something at once. */
  readonly jobs: number;
}

/** Whether a content is expected by way of a member. */
export function isExpected({ nodes }: Member, locations: ReadonlySet<Uuid>): boolean {
  for (const node of nodes) if (locations.has(node)) return true;
  return false;
}

/** The nodes that have or lost a content by way of a member, where the other gateway named them. */
export function touchedNodes({ uuid, nodes, gateway }: Member, also: readonly ByteString[]): Uuid[] {
  if (gateway === undefined) return [uuid];
  return also.filter((one): one is Uuid => nodes.has(one as Uuid));
}
