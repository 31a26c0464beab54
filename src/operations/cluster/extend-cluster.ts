import { AnnexError } from '../../domain/errors.js';
import { isClusterUuid, type Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { ClusterFacts } from '../../planning/clusters.js';
import type { OperationContext, Outcome } from '../context.js';
import { createRunningAction } from '../transfer/running-action.js';
import { clusterFacts, lowerCase } from './cluster-facts.js';
import { type Gateway, updateCluster } from './update-cluster.js';

/** Makes this repository another gateway of a cluster of which a remote is a gateway, and updates its nodes. */
export async function extendCluster(
  gateway: Gateway,
  [remote, name, ...more]: readonly ByteString[],
  { dryRun }: { readonly dryRun: boolean },
  context: OperationContext,
): Promise<Outcome> {
  if (remote === undefined || name === undefined || more.length > 0) {
    throw new AnnexError('usage', 'Expected two parameters, gateway and clustername.');
  }
  const { here, entries } = gateway;
  const facts = await clusterFacts(here, entries);
  const cluster = lowerCase(name);
  const uuid = clusterBehind(facts, remote, cluster);
  const known = facts.clusters.get(cluster);
  if (known !== undefined && known !== uuid) {
    throw new AnnexError('usage', `Another cluster is named ${toText(name)} here.`);
  }
  const action = { command: 'extendcluster', subject: name, input: [remote, name] };
  const running = createRunningAction(action, context.emit);
  running.start();
  if (!dryRun) {
    if (known === undefined) await here.settings.set(`annex.cluster.${cluster}`, uuid);
    const others = facts.remotes.find((one) => one.name === remote)?.gatewayOf ?? [];
    const list = [...new Set([...others, uuid])].join(' ') as ByteString;
    await here.settings.set(`remote.${remote}.annex-cluster-gateway`, list);
  }
  running.end(true, { fields: { uuid } });
  return updateCluster(gateway, { dryRun }, context);
}

/** The cluster that the remote proxies for under that name. */
function clusterBehind({ remotes, proxies }: ClusterFacts, remote: ByteString, cluster: ByteString): Uuid {
  const gateway = remotes.find(({ name, mayProxy }) => name === remote && mayProxy);
  const served = gateway?.uuid === undefined ? [] : (proxies.get(gateway.uuid) ?? []);
  const found = served.find(({ uuid, name }) => isClusterUuid(uuid) && lowerCase(name) === cluster);
  if (found !== undefined) return found.uuid;
  const name = toText(`${remote}-${cluster}` as ByteString);
  throw new AnnexError('unknown-remote', `there is no available git remote named "${name}"`, {
    hint: 'The gateway has to be a remote over ssh or http whose git-annex branch was pulled.',
  });
}
