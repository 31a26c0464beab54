import { AnnexError } from '../../domain/errors.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import {
  type ClusterFacts,
  type NodeChange,
  planNodes,
  withClusterRenamed,
  withoutCluster,
  withoutNodesOf,
} from '../../planning/clusters.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { logClock } from '../settings-log/log-clock.js';
import { clusterFacts, lowerCase } from './cluster-facts.js';
import { isClusterName } from './init-cluster.js';
import { installLockHook } from '../lock-cluster/lock-hook.js';
import { type Recording, recordNodes, recordProxies } from './record-changes.js';

/** A repository with what is known of others, for commands on clusters. */
export interface Gateway {
  readonly here: Repository;
  readonly entries: readonly RemoteEntry[];
  readonly known: KnownRepositories;
}

export interface UpdateClusterRequest {
  readonly dryRun: boolean;
  /** A cluster that this is to be no gateway of any more. */
  readonly remove?: ByteString | undefined;
  /** A cluster's old name and its new one. */
  readonly rename?: readonly [ByteString, ByteString] | undefined;
}

/** Records the nodes of this gateway's clusters, and what it proxies for, as git config says it now. */
export async function updateCluster(
  { here, entries, known }: Gateway,
  { dryRun, remove, rename }: UpdateClusterRequest,
  { emit }: OperationContext,
): Promise<Outcome> {
  const recording: Recording = { command: 'updatecluster', dryRun, emit };
  const before = await clusterFacts(here, entries);
  const facts = changed(before, remove, rename);
  const emptied = remove === undefined ? [] : [emptiedCluster(before, lowerCase(remove))];
  const nodes = [...emptied, ...planNodes(facts)];
  if (!dryRun) await writeConfig(here, before, facts);
  if (!dryRun && rename !== undefined) await describeAnew(here, before, rename);
  await recordNodes(here, known, nodes, recording);
  const recorded = new Map([...facts.nodes, ...nodes.map((one) => [one.uuid, one.nodes] as const)]);
  await recordProxies(here, { ...facts, nodes: recorded }, recording);
  const unlocked = dryRun ? undefined : await installLockHook(here.location, here.git, here.settings);
  if (unlocked !== undefined) emit({ type: 'warning', text: unlocked });
  return { failed: 0, stoppedByLimit: false };
}

/** Records what this repository proxies for, as git config says it now. */
export async function updateProxy(
  { here, entries }: Gateway,
  { dryRun }: Pick<UpdateClusterRequest, 'dryRun'>,
  { emit }: OperationContext,
): Promise<Outcome> {
  await recordProxies(here, await clusterFacts(here, entries), { command: 'updateproxy', dryRun, emit });
  return { failed: 0, stoppedByLimit: false };
}

function changed(
  facts: ClusterFacts,
  remove: ByteString | undefined,
  rename: UpdateClusterRequest['rename'],
): ClusterFacts {
  let now = facts;
  if (rename !== undefined) {
    const [old, name] = rename.map(lowerCase) as [ByteString, ByteString];
    mustBe(facts, old);
    if (!isClusterName(name))
      throw new AnnexError('usage', 'That cluster name is not a valid git remote name.');
    if (name !== old && facts.clusters.has(name)) {
      throw new AnnexError('usage', `There is a cluster named ${toText(name)} already.`);
    }
    now = withClusterRenamed(now, old, name);
  }
  if (remove === undefined) return now;
  mustBe(now, lowerCase(remove));
  return withoutCluster(now, lowerCase(remove));
}

function mustBe({ clusters }: ClusterFacts, name: ByteString): void {
  if (clusters.has(name)) return;
  throw new AnnexError('usage', `There is no cluster named ${toText(name)} here.`, {
    hint: 'git config --get-regexp "^annex.cluster" shows the clusters that this repository is a gateway of.',
  });
}

function emptiedCluster(facts: ClusterFacts, cluster: ByteString): NodeChange {
  const emptied = planNodes(withoutNodesOf(facts, cluster)).find((one) => one.cluster === cluster);
  if (emptied === undefined) throw new AnnexError('internal', 'a cluster is gone while it is removed');
  return emptied;
}

/** Writes into git config what differs. */
async function writeConfig({ settings }: Repository, before: ClusterFacts, now: ClusterFacts): Promise<void> {
  for (const [name, uuid] of now.clusters) {
    if (before.clusters.get(name) !== uuid) await settings.set(`annex.cluster.${name}`, uuid);
  }
  for (const [i, { name, nodeOf, gatewayOf }] of now.remotes.entries()) {
    const old = before.remotes[i];
    for (const [option, list, was] of [
      ['annex-cluster-node', nodeOf, old?.nodeOf],
      ['annex-cluster-gateway', gatewayOf, old?.gatewayOf],
    ] as const) {
      if (list.join(' ') === was?.join(' ')) continue;
      const value = list.length === 0 ? undefined : (list.join(' ') as ByteString);
      await settings.set(`remote.${name}.${option}`, value);
    }
  }
  for (const name of before.clusters.keys()) {
    if (!now.clusters.has(name)) await settings.set(`annex.cluster.${name}`, undefined);
  }
}

/** A description that nobody gave follows the name. */
async function describeAnew(
  { branch }: Repository,
  { clusters }: ClusterFacts,
  [old, name]: readonly [ByteString, ByteString],
): Promise<void> {
  const uuid = clusters.get(lowerCase(old));
  if (uuid === undefined) return;
  const now = descriptionLog.values(await branch.read(descriptionLog.path)).get(uuid);
  if (now === undefined || lowerCase(now) !== `cluster ${lowerCase(old)}`) return;
  const change = (content: ByteString) =>
    descriptionLog.set(content, uuid, `cluster ${name}` as ByteString, logClock());
  await branch.change([{ path: descriptionLog.path, change }]);
}
