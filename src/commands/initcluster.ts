import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';
import { dryRunFlag } from './options/cluster.js';
import { jsonFlags } from './options/common.js';

export default class Initcluster extends BaseCommand {
  static override summary = 'initialize a new cluster';
  static override description =
    'This repository becomes the gateway of the cluster. Then say with `git config remote.NODE.annex-cluster-node NAME` which remotes ' +
    'are its nodes, and run updatecluster.';
  static override args = { name: Args.string({ required: true }), description: Args.string() };
  static override examples = [
    'git-annex-ts initcluster archive',
    'git-annex-ts initcluster archive "three drives"',
  ];
  static override flags = { ...dryRunFlag, ...jsonFlags };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Initcluster);
    const { initCluster } = await import('../operations/cluster/init-cluster.js');
    const options = { dryRun: flags['dry-run'] };
    await this.finish(await withRepository((here) => initCluster(here, operands, options, context)));
  }
}
