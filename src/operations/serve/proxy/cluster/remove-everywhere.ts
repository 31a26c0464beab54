import type { Key } from '../../../../domain/key.js';
import type { Uuid } from '../../../../domain/uuid.js';
import { atOnce } from '../../../../lib/at-once.js';
import type { Outcome } from '../../../../protocol/outcome.js';
import { type Cluster, isExpected, touchedNodes } from './member.js';

/**
 * Removes a content from all nodes. A success when it is in none of them afterwards, as far as the gateway knows: a node that
 * can't be asked, and that is not known to have it, does not count. Those it is gone from are told in any case.
 */
export async function removeEverywhere(
  { members, book, failed, jobs }: Cluster,
  key: Key,
  before: number | undefined,
): Promise<Outcome> {
  const locations = await book.locations(key);
  const gone: Uuid[] = [];
  let success = true;
  await atOnce(members, jobs, async (member) => {
    try {
      const outcome = await member.content.remove(key, before);
      if (outcome.success || member.gateway !== undefined) gone.push(...touchedNodes(member, outcome.also));
      success &&= outcome.success;
    } catch (error) {
      failed(member, error);
      if (isExpected(member, locations)) success = false;
    }
  });
  await book.record(key, gone, 'absent');
  return { success, also: gone };
}
