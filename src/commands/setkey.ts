import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';

export default class Setkey extends BaseCommand {
  static override summary = 'sets annexed content for a key';
  static override args = { key: Args.string(), file: Args.string({ multiple: true }) };
  static override examples = ['git-annex-ts setkey SHA256E-s3--1b35060c /mnt/rescued/file'];
  static override flags = {};

  async run(): Promise<void> {
    const { operands, context } = await this.request(Setkey);
    const { setKey } = await import('../operations/set-key/set-key.js');
    const cwd = currentDirectory();
    await this.finish(await withRepository((here) => setKey(here, operands, cwd, context)));
  }
}
