import type { ByteString } from '../lib/bytes.js';

/** What is known of a node that a content could be read from. */
export interface SourceFacts {
  /** Whether the content is expected there. */
  readonly expected: boolean;
  /** Servers between here and there. */
  readonly hops: number;
  /** Transfers of this process that it is busy with. */
  readonly active: number;
  /** What was measured last; undefined: nothing yet. */
  readonly bytesPerSecond: number | undefined;
}

/** Speeds that differ by less are alike. */
const ALIKE = 2;

/**
 * The nodes in the order in which they are asked for a content: where it is expected, near, and where most speed is left for
 * one more transfer. Equals take turns. What was not measured yet counts as the fastest, so that it will be.
 * @param turn a number that is another one each time
 */
export function sourceOrder<T extends SourceFacts>(nodes: readonly T[], turn: number): T[] {
  const start = nodes.length === 0 ? 0 : turn % nodes.length;
  const turned = [...nodes.slice(start), ...nodes.slice(0, start)];
  const fastest = Math.max(1, ...nodes.map(({ bytesPerSecond = 1 }) => bytesPerSecond));
  const share = ({ bytesPerSecond = fastest, active }: T) =>
    Math.round(Math.log((fastest / Math.max(1, bytesPerSecond)) * (active + 1)) / Math.log(ALIKE));
  return turned
    .map((node) => ({ node, share: share(node) }))
    .sort(
      (a, b) =>
        Number(b.node.expected) - Number(a.node.expected) || a.node.hops - b.node.hops || a.share - b.share,
    )
    .map(({ node }) => node);
}

/**
 * The order in which nodes are asked whether they want a content: near ones first, and otherwise as the key's and the nodes'
 * names fall, so that where one copy is wanted of several nodes the copies are spread, and a second attempt finds the same.
 */
export function placementOrder<T extends { readonly uuid: ByteString; readonly hops: number }>(
  nodes: readonly T[],
  key: ByteString,
): T[] {
  return nodes
    .map((node) => ({ node, place: fnv1a(`${node.uuid} ${key}`) }))
    .sort((a, b) => a.node.hops - b.node.hops || a.place - b.place || (a.node.uuid < b.node.uuid ? -1 : 1))
    .map(({ node }) => node);
}

/** The hash FNV-1a of 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // The last characters alone hardly reach the high bits.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
