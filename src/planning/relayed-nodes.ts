import type { ProxiedRemote } from '../domain/logs/proxy-log.js';
import type { Uuid } from '../domain/uuid.js';

/**
 * The repositories that gateways on the way of a request reach otherwise than through this one, as proxy.log tells: a gateway
 * calls what it reaches through another gateway by that one's name for it, with a word in front. git-annex's gateways do not say
 * which others they ask besides; were those asked from here as well, the same content would come to them twice at once.
 * @param passedBy the gateways that the request came through
 */
export function reachedBefore(
  here: Uuid,
  passedBy: ReadonlySet<string>,
  proxies: ReadonlyMap<Uuid, readonly ProxiedRemote[]>,
): Set<Uuid> {
  const ours = new Map<Uuid, string[]>();
  for (const { uuid, name } of proxies.get(here) ?? []) {
    const names = ours.get(uuid);
    if (names === undefined) ours.set(uuid, [name]);
    else if (names.length < MOST_NAMES) names.push(name);
  }
  const reached = new Set<Uuid>();
  for (const gateway of passedBy) {
    for (const { uuid, name } of proxies.get(gateway as Uuid) ?? []) {
      const throughUs = ours.get(uuid)?.some((own) => name.endsWith(`-${own}`));
      if (throughUs === false) reached.add(uuid);
    }
  }
  return reached;
}

/** Names of one repository; gateways that list one another have several. */
const MOST_NAMES = 50;
