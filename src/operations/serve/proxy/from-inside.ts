import { passOn } from '../../../protocol/hand-over.js';
import type { OpenContent, ReceiveAnswer } from '../../../protocol/served-content.js';

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
