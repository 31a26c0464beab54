import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { runOnContent } from './base/content-command.js';
import { currentDirectory } from './base/query-command.js';
import { backendFlag, jobsFlag, jsonFlags, jsonProgressFlag } from './options/common.js';
import { fileMatchingFlags } from './options/matching.js';

const modes = {
  duplicate: ['keep', 'do not delete files from the import location'],
  deduplicate: ['deduplicate', 'delete duplicate files from the import location instead of importing them'],
  'clean-duplicates': ['clean', 'delete duplicate files from the import location, and import none'],
  'skip-duplicates': ['skip', 'import files that are no duplicates, and delete none'],
  'reinject-duplicates': ['reinject', 'import files that are no duplicates, and reinject the others'],
} as const;
const names = Object.keys(modes) as (keyof typeof modes)[];

function modeFlag(name: keyof typeof modes) {
  return Flags.boolean({ description: modes[name][1], exclusive: names.filter((other) => other !== name) });
}

export default class Import extends BaseCommand {
  static override summary = 'add a tree of files to the repository';
  static override args = {
    path: Args.string({ multiple: true, description: 'files and directories outside of the work tree' }),
  };
  static override examples = [
    'git-annex-ts import /media/camera/DCIM',
    'git-annex-ts import --duplicate ~/Downloads --include=*.iso',
  ];
  static override flags = {
    from: Flags.string({ char: 'f', description: 'import from a special remote', helpValue: 'REMOTE' }),
    duplicate: modeFlag('duplicate'),
    deduplicate: modeFlag('deduplicate'),
    'clean-duplicates': modeFlag('clean-duplicates'),
    'skip-duplicates': modeFlag('skip-duplicates'),
    'reinject-duplicates': modeFlag('reinject-duplicates'),
    'check-gitignore': Flags.boolean({ description: 'skip gitignored files', allowNo: true, default: true }),
    ...backendFlag,
    ...jobsFlag,
    ...jsonFlags,
    ...jsonProgressFlag,
    ...fileMatchingFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Import);
    const { flags, operands, matching } = request;
    if (flags.from !== undefined) {
      throw new AnnexError('usage', 'Importing from special remotes is not supported yet.');
    }
    const chosen = names.find((name) => flags[name]);
    const { importFiles } = await import('../operations/import/import-files.js');
    const outcome = await runOnContent({ ...request, operands: [], matching: [] }, (session) =>
      importFiles(session, {
        operands,
        mode: chosen === undefined ? 'import' : modes[chosen][0],
        backend: flags.backend === undefined ? undefined : fromText(flags.backend),
        checkIgnored: flags['check-gitignore'],
        matching,
        cwd: currentDirectory(),
      }),
    );
    await this.finish(outcome);
  }
}
