import { AnnexError } from '../domain/errors.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory } from './base/query-command.js';

export default class Repair extends BaseCommand {
  static override summary = 'recover broken git repository';
  static override description =
    'Gets missing and corrupt objects of git from the remotes. What no remote has stays lost: branches are never ' +
    'removed or reset, so --force is refused.';
  static override args = {};
  static override flags = {};
  static override examples = ['git annex-ts repair'];

  async run(): Promise<void> {
    const { flags, context } = await this.request(Repair);
    if (flags.force) throw new AnnexError('usage', '--force is not supported: nothing is thrown away');
    const { openParts } = await import('../operations/open-repository.js');
    const { repair } = await import('../operations/repair/repair.js');
    const parts = await openParts(currentDirectory());
    await this.finish(await repair(parts, context).finally(() => parts.git.close()));
  }
}
