import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { trimStart } from '../../lib/words.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { relativePath } from '../keys-info/relative-path.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { recordState } from '../settings-log/record-state.js';
import { parseSettings } from './parse-settings.js';
import { runEditor } from './run-editor.js';
import { settingsText } from './settings-text.js';
import { readSharedSettings, type SharedSettings, settingChanges } from './shared-settings.js';

/** Has the settings of the git-annex branch edited, and records what the user changed; nothing when the editor fails. */
export async function editSettings(
  repository: Repository,
  known: KnownRepositories,
  cwd: ByteString,
  { emit }: OperationContext,
): Promise<Outcome> {
  const { annexDir, branch } = repository;
  const before = await readSharedSettings(branch);
  const file = `${annexDir}/config.tmp` as ByteString;
  mkdirSync(toPath(annexDir), { recursive: true });
  try {
    const after = await edited(repository, file, relativePath(cwd, file), settingsText(before, known));
    await branch.change(settingChanges(before, after));
  } finally {
    rmSync(toPath(file), { force: true });
  }
  await recordState(repository, emit);
  return { failed: 0, stoppedByLimit: false };
}

/** Opens the editor again, with marks, until all is understood. */
async function edited(
  { git }: Repository,
  file: ByteString,
  shown: ByteString,
  text: ByteString,
): Promise<SharedSettings> {
  let content = text;
  for (;;) {
    writeFileSync(toPath(file), toBuffer(content));
    await runEditor(git, shown);
    const answer = fromBuffer(readFileSync(toPath(file)));
    // Lines left out go back to their defaults: a file that was lost is not meant to say that of all of them.
    if (trimStart(answer) === '')
      throw new AnnexError('usage', 'the edited file is empty; nothing was changed');
    const parsed = parseSettings(answer);
    if ('settings' in parsed) return parsed.settings;
    content = parsed.marked;
  }
}
