import { clusterLog, clusterLogPath } from '../../domain/logs/cluster-log.js';
import { proxyLog, proxyLogPath } from '../../domain/logs/proxy-log.js';
import type { Emit } from '../../domain/events.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import { quoteName } from '../../lib/quote-name.js';
import { type ClusterFacts, type NodeChange, planProxies } from '../../planning/clusters.js';
import type { Repository } from '../../repository/repository.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { logClock } from '../settings-log/log-clock.js';

/** How changes are told and whether they are made. */
export interface Recording {
  /** The command's name, for JSON. */
  readonly command: string;
  readonly dryRun: boolean;
  readonly emit: Emit;
}

/** Records what became of clusters' nodes, and tells it in git-annex's words. */
export async function recordNodes(
  here: Repository,
  known: KnownRepositories,
  changes: readonly NodeChange[],
  { command, dryRun, emit }: Recording,
): Promise<void> {
  for (const { cluster, uuid, nodes, added, removed } of changes) {
    const gone = removed.map((node) => (known.description(node) || node) as ByteString);
    const lines = [
      ...added.map(({ name }) => `Added node ${shown(name)} to cluster: ${toText(cluster)}`),
      ...gone.map((node) => `Removed node ${shown(node)} from cluster: ${toText(cluster)}`),
    ];
    say(lines.length > 0 ? lines : [`No cluster node changes for cluster: ${toText(cluster)}`], emit);
    const fields = { added: added.map(({ name }) => name), cluster, command, removed: gone, uuid };
    emit({ type: 'record', fields });
    if (lines.length === 0 || dryRun) continue;
    const change = (content: ByteString) => clusterLog.set(content, uuid, nodes, logClock());
    await here.branch.change([{ path: clusterLogPath, change }]);
  }
}

/** Records what this gateway proxies for now, and tells what changed. */
export async function recordProxies(
  here: Repository,
  facts: ClusterFacts,
  { command, dryRun, emit }: Recording,
): Promise<void> {
  for (const { name, uuid, proxied, nodeOf } of facts.remotes) {
    if (uuid !== undefined || (!proxied && nodeOf.length === 0)) continue;
    const text = `  ${toText(name)} is a git remote without a known annex-uuid. Cannot proxy to this remote.`;
    emit({ type: 'warning', text });
  }
  const { remotes, changes } = planProxies(facts);
  const lines = changes.map(({ name, what }) =>
    what === 'started' ? `Started proxying for ${shown(name)}` : `Stopped proxying for ${shown(name)}`,
  );
  say(lines.length > 0 ? lines : ['No proxy changes to record.'], emit);
  const named = (kind: string) => changes.filter(({ what }) => what === kind).map(({ name }) => name);
  emit({ type: 'record', fields: { command, started: named('started'), stopped: named('stopped') } });
  if (changes.length === 0 || dryRun) return;
  const change = (content: ByteString) => proxyLog.set(content, facts.here, remotes, logClock());
  await here.branch.change([{ path: proxyLogPath, change }]);
}

/** What stands in logs was written by others, and may hold anything. */
function shown(name: ByteString): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return toText(/[\x00-\x1f\x7f]/.test(name) ? quoteName(name, () => false) : name);
}

function say(lines: readonly string[], emit: Emit): void {
  for (const line of lines) emit({ type: 'output', bytes: fromText(`${line}\n`) });
}
