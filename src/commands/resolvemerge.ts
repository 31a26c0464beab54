import { BaseCommand } from './base/base-command.js';
import { withWorkTree } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Resolvemerge extends BaseCommand {
  static override summary = 'resolve merge conflicts';
  static override description =
    'Resolves the conflicts of the merge in progress that involve annexed files, as sync does by itself, and commits the ' +
    'merge: every annexed version stays, under a name with .variant- in it; a file that is not annexed keeps its name. ' +
    'Conflicts between files that are not annexed are left to you.';
  static override examples = ['git merge topic || git annex-ts resolvemerge'];
  static override flags = { ...jsonFlags };

  async run(): Promise<void> {
    const { context } = await this.request(Resolvemerge);
    const { resolveMerge } = await import('../operations/merge/resolve-merge.js');
    await this.finish(await withWorkTree((here) => resolveMerge(here, context)));
  }
}
