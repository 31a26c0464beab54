import type { OperationContext, Outcome } from '../../operations/context.js';
import type { Gateway } from '../../operations/cluster/update-cluster.js';
import { surroundings, withRepository } from './query-command.js';

/** Opens the repository of the current directory with its remotes, for commands on proxies and clusters. */
export async function asGateway(
  context: OperationContext,
  work: (gateway: Gateway) => Promise<Outcome>,
): Promise<Outcome> {
  return withRepository(async (here) => {
    const { entries, known } = await surroundings(here, context, {});
    try {
      return await work({ here, entries, known });
    } finally {
      for (const { remote } of entries) await remote?.close();
    }
  });
}
