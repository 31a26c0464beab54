import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import type { KeepChoice } from '../operations/conflicts/keep-versions.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory, withWorkTree } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Conflicts extends BaseCommand {
  static override summary = 'list the versions that merges left side by side, and choose';
  static override description =
    'When two repositories changed the same file, sync keeps both versions, as FILE.variant-XXXX. This lists them with who ' +
    'changed them when, in the work tree or at PATH. With --keep, --keep-newest or --keep-all the versions you want get ' +
    'ordinary names again; what is not kept is removed from the work tree and stays in the history. The next commit or sync ' +
    'records it. Nothing that is not committed is removed.';
  static override examples = [
    'git annex-ts conflicts',
    'git annex-ts conflicts --keep=photo.variant-1a2b.jpg',
    'git annex-ts conflicts --keep-newest --dry-run letters',
    'git annex-ts conflicts --keep-all photo.jpg',
  ];
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    keep: Flags.string({
      description: 'keep this version, under the name of the file, and remove the others',
      helpValue: 'FILE',
      multiple: true,
    }),
    'keep-newest': Flags.boolean({ description: 'keep the version of each file that was changed last' }),
    'keep-all': Flags.boolean({ description: 'keep all versions, as FILE, FILE-2, FILE-3 ...' }),
    'dry-run': Flags.boolean({ description: 'show what would be done, and do nothing' }),
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Conflicts);
    const keep = choiceOf(flags.keep ?? [], flags['keep-newest'], flags['keep-all']);
    const { conflicts } = await import('../operations/conflicts/conflicts.js');
    const request = { paths: operands, keep, dryRun: flags['dry-run'], cwd: currentDirectory() };
    await this.finish(await withWorkTree((here) => conflicts(here, request, context)));
  }
}

function choiceOf(chosen: readonly string[], newest: boolean, all: boolean): KeepChoice | undefined {
  if (Number(chosen.length > 0) + Number(newest) + Number(all) > 1) {
    throw new AnnexError('usage', 'give only one of --keep, --keep-newest and --keep-all');
  }
  if (chosen.length > 0) return { which: 'chosen', versions: chosen.map(fromText) };
  if (newest || all) return { which: newest ? 'newest' : 'all', versions: [] };
  return undefined;
}
