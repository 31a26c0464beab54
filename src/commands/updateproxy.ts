import { BaseCommand } from './base/base-command.js';
import { asGateway } from './base/gateway-command.js';
import { dryRunFlag } from './options/cluster.js';
import { jsonFlags } from './options/common.js';

export default class Updateproxy extends BaseCommand {
  static override summary = 'update records with proxy configuration';
  static override description =
    'Records for which remotes this repository is a proxy (`remote.NAME.annex-proxy`).';
  static override examples = ['git-annex-ts updateproxy', 'git-annex-ts updateproxy --dry-run'];
  static override flags = { ...dryRunFlag, ...jsonFlags };

  async run(): Promise<void> {
    const { flags, context } = await this.request(Updateproxy);
    const { updateProxy } = await import('../operations/cluster/update-cluster.js');
    const request = { dryRun: flags['dry-run'] };
    await this.finish(await asGateway(context, (gateway) => updateProxy(gateway, request, context)));
  }
}
