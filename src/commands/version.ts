import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory } from './base/query-command.js';
import { COMPATIBLE_WITH, versionText } from './base/program-version.js';

export default class Version extends BaseCommand {
  static override summary = 'show version info';
  static override description =
    'The first line names the git-annex release whose formats and behaviour this program follows, where scripts ' +
    'look for it. The version of this program itself comes second.';
  static override flags = {
    raw: Flags.boolean({ description: 'print the compatible git-annex version and nothing else' }),
  };

  async run(): Promise<void> {
    const { flags, context } = await this.request(Version);
    const text = flags.raw
      ? COMPATIBLE_WITH
      : versionText(ownVersion(this.config.options.root), await repositoryVersion());
    context.emit({ type: 'output', bytes: fromText(text) });
  }
}

function ownVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** `annex.version` of the repository around the current directory; undefined where there is none. */
async function repositoryVersion(): Promise<string | undefined> {
  const { openParts } = await import('../operations/open-repository.js');
  try {
    const { settings, git } = await openParts(currentDirectory());
    await git.close();
    return settings.get('annex.version');
  } catch (error) {
    if (error instanceof AnnexError && error.code === 'not-a-repository') return undefined;
    throw error;
  }
}
