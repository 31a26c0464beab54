import { arrivalAt } from '../../protocol/arrival.js';
import { type Outcome, plainly } from '../../protocol/outcome.js';
import type { ReceiveAnswer, Reception, ServedContent } from '../../protocol/served-content.js';
import { bodyOf, type Exchange, passOver, patiently } from './exchange.js';
import { createGatherer } from './gather-pieces.js';
import type { HttpRequest } from './parse-request.js';

type Put = Extract<HttpRequest, { ask: 'put' }>;

/**
 * Receives a content; success when it is here afterwards. The body is read to its end whatever comes out of it, so that the
 * client hears the answer. A body that breaks off leaves what came for the next attempt.
 */
export async function takeContent(exchange: Exchange, put: Put, content: ServedContent): Promise<Outcome> {
  if (put.dataPresent) {
    await passOver(exchange, put.length);
    return arrivalAt(content, put.key);
  }
  let answer: ReceiveAnswer;
  try {
    // What an attempt before left is read for the check.
    answer = await patiently(exchange, () => content.receive(put.key, put.file));
  } catch (error) {
    await passOver(exchange, put.length);
    throw error;
  }
  const reception = answer.kind === 'wanted' ? answer.reception : undefined;
  const fits = (offset: number) => put.offset <= offset && offset <= put.offset + put.length;
  if (reception !== undefined && fits(reception.offset)) return receive(exchange, put, reception);
  await reception?.leave();
  await passOver(exchange, put.length);
  return answer.kind === 'there' ? { success: true, also: answer.also } : plainly(false);
}

async function receive(exchange: Exchange, put: Put, reception: Reception): Promise<Outcome> {
  let settled = false;
  /** Bytes of the body that are here already. */
  let skip = reception.offset - put.offset;
  let came = 0;
  const gather = createGatherer();
  try {
    await reception.begin?.(put.length - skip);
    for await (const piece of bodyOf(exchange)) {
      came += piece.length;
      if (came > put.length) break;
      const fresh = piece.subarray(Math.min(skip, piece.length));
      skip -= piece.length - fresh.length;
      for (const large of gather.add(fresh)) await reception.write(large);
    }
    const rest = gather.rest();
    if (rest.length > 0 && came <= put.length) await reception.write(rest);
    if (came < put.length) return plainly(false);
    settled = true;
    if (came === put.length) return await patiently(exchange, reception.finish);
    await reception.discard();
    return plainly(false);
  } finally {
    if (!settled) await reception.leave();
  }
}
