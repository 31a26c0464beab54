import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { asGateway } from './base/gateway-command.js';
import { runOnContent } from './base/content-command.js';
import { clusterChangeFlags, dryRunFlag, fillFlag, renaming } from './options/cluster.js';
import { jobsFlag, jsonFlags, jsonProgressFlag } from './options/common.js';

export default class Updatecluster extends BaseCommand {
  static override summary = 'update records of cluster nodes';
  static override description =
    'Records which remotes are nodes of the clusters of this gateway (`remote.NAME.annex-cluster-node`), and that it proxies for them.';
  static override examples = [
    'git-annex-ts updatecluster',
    'git-annex-ts updatecluster --dry-run',
    'git-annex-ts updatecluster --rename=archive=attic',
    'git-annex-ts updatecluster --remove=archive',
    'git-annex-ts updatecluster --fill -J2',
    'git-annex-ts updatecluster --fill --dry-run',
  ];
  static override flags = {
    ...clusterChangeFlags,
    ...fillFlag,
    ...dryRunFlag,
    ...jobsFlag,
    ...jsonFlags,
    ...jsonProgressFlag,
  };

  async run(): Promise<void> {
    const content = await this.request(Updatecluster);
    const { flags, context } = content;
    const { updateCluster } = await import('../operations/cluster/update-cluster.js');
    const remove = flags.remove === undefined ? undefined : fromText(flags.remove);
    const request = { dryRun: flags['dry-run'], remove, rename: renaming(flags.rename) };
    const updated = await asGateway(context, (gateway) => updateCluster(gateway, request, context));
    if (!flags.fill) return this.finish(updated);
    const { fillClusters } = await import('../operations/cluster/fill-clusters.js');
    const { dryRun } = request;
    const cwd = fromText(process.cwd());
    await this.finish(await runOnContent(content, (session) => fillClusters(session, { dryRun, cwd })));
  }
}
