import { Args, Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { infoScene } from './base/info-scene.js';
import { standardInput, withRepository } from './base/query-command.js';
import { batchFlags, jsonFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

const ITEM = 'a directory, file, treeish, remote, description or uuid';

export default class Info extends BaseCommand {
  static override summary = 'information about an item or the repository';
  static override args = { item: Args.string({ multiple: true, description: ITEM }) };
  static override flags = {
    bytes: Flags.boolean({ description: 'show file sizes in bytes' }),
    autoenable: Flags.boolean({ description: 'list special remotes that are configured to autoenable' }),
    'dead-repositories': Flags.boolean({ description: 'list repositories that have been marked as dead' }),
    batch: batchFlags.batch,
    null: batchFlags.null,
    ...jsonFlags,
    ...matchingFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Info);
    const { flags, operands } = request;
    const { itemsInfo } = await import('../operations/info/info.js');
    const whole = await import('../operations/info/whole-info.js');
    const outcome = await withRepository(async (here) => {
      const scene = await infoScene(here, request);
      if (operands.length > 0) return itemsInfo(scene, operands);
      if (flags.batch) return itemsInfo(scene, await standardInput(flags));
      if (flags.autoenable) return whole.autoenableInfo(scene);
      if (flags['dead-repositories']) return whole.deadRepositoriesInfo(scene);
      return whole.wholeInfo(scene);
    });
    await this.finish(outcome);
  }
}
