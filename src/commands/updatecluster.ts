import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { asGateway } from './base/gateway-command.js';
import { clusterChangeFlags, dryRunFlag, renaming } from './options/cluster.js';
import { jsonFlags } from './options/common.js';

export default class Updatecluster extends BaseCommand {
  static override summary = 'update records of cluster nodes';
  static override description =
    'Records which remotes are nodes of the clusters of this gateway (`remote.NAME.annex-cluster-node`), and that it proxies for them.';
  static override examples = [
    'git-annex-ts updatecluster',
    'git-annex-ts updatecluster --dry-run',
    'git-annex-ts updatecluster --rename=archive=attic',
    'git-annex-ts updatecluster --remove=archive',
  ];
  static override flags = { ...clusterChangeFlags, ...dryRunFlag, ...jsonFlags };

  async run(): Promise<void> {
    const { flags, context } = await this.request(Updatecluster);
    const { updateCluster } = await import('../operations/cluster/update-cluster.js');
    const remove = flags.remove === undefined ? undefined : fromText(flags.remove);
    const request = { dryRun: flags['dry-run'], remove, rename: renaming(flags.rename) };
    await this.finish(await asGateway(context, (gateway) => updateCluster(gateway, request, context)));
  }
}
