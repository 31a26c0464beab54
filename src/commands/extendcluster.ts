import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { asGateway } from './base/gateway-command.js';
import { dryRunFlag } from './options/cluster.js';
import { jsonFlags } from './options/common.js';

export default class Extendcluster extends BaseCommand {
  static override summary = 'add a gateway to a cluster';
  static override description =
    'This repository becomes another gateway of the cluster, which it reaches through a remote that is a gateway of it already.';
  static override args = {
    gateway: Args.string({ description: 'a remote', required: true }),
    clustername: Args.string({ required: true }),
  };
  static override examples = ['git-annex-ts extendcluster amsterdam archive'];
  static override flags = { ...dryRunFlag, ...jsonFlags };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Extendcluster);
    const { extendCluster } = await import('../operations/cluster/extend-cluster.js');
    const options = { dryRun: flags['dry-run'] };
    await this.finish(
      await asGateway(context, (gateway) => extendCluster(gateway, operands, options, context)),
    );
  }
}
