import type { Key } from '../../../domain/key.js';
import { passOn } from '../../../protocol/hand-over.js';
import type { OpenContent, ReceiveAnswer, ServedContent } from '../../../protocol/served-content.js';
import type { Cluster, Member } from './cluster/member.js';
import { openAnywhere, type SoughtContent } from './cluster/open-anywhere.js';

/**
 * What a gateway can get from its own repository, or from a node, need not come from the client: whoever lacks it gets it from
 * there, and the client hears that it is there already. Where that fails the client is asked for it after all.
 * @param begin prepares those that lack the content
 * @param open opens the content at an offset; undefined when it is not to be had inside
 */
export async function storeFromInside(
  begin: () => Promise<ReceiveAnswer>,
  open: (offset: number) => Promise<OpenContent | undefined>,
): Promise<ReceiveAnswer> {
  const answer = await begin();
  if (answer.kind !== 'wanted') return answer;
  const content = await open(answer.reception.offset).catch(() => undefined);
  if (content === undefined) return answer;
  const end = await passOn(content, answer.reception, {});
  return end.kind === 'stored' ? { kind: 'there', also: end.also } : begin();
}

/** Where a gateway looks for contents that need not come from the client. */
export interface Inside extends Omit<Cluster, 'members'> {
  /** The gateway's own repository. */
  readonly gateway: ServedContent;
  /** Nodes that no other gateway leads to and that have a content, or should have it. */
  readonly near: (key: Key) => Promise<readonly Member[]>;
  readonly turn: () => number;
}

/** A content from the gateway itself, or else from a node. */
export async function openInside(inside: Inside, sought: SoughtContent): Promise<OpenContent | undefined> {
  const { gateway, near, turn } = inside;
  const own = await gateway.open(sought.key, sought.offset, sought.file);
  if (own !== undefined) return own;
  const members = await near(sought.key);
  return members.length === 0 ? undefined : openAnywhere({ ...inside, members }, sought, turn());
}
