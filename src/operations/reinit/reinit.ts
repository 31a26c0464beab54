import { AnnexError } from '../../domain/errors.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { discoverRepository } from '../../repository/git/discover.js';
import type { OperationContext, Outcome } from '../context.js';
import { checkSettings, supportedVersion } from '../init/check-supported.js';
import { initialize, knownBranches, type Uninitialized } from '../init/initialize.js';
import { recordRemotes } from '../init/record-remotes.js';
import { openParts, openRepository } from '../open-repository.js';
import { AMBIGUOUS_NAME } from '../repositories/known-repositories.js';

/** Makes a git repository an annex with the uuid of one that is gone, named by uuid or description. */
export async function reinit(
  folder: ByteString,
  words: readonly ByteString[],
  { emit }: OperationContext,
): Promise<Outcome> {
  if (words.length === 0) throw new AnnexError('usage', 'Specify a uuid or description.');
  await discoverRepository(folder);
  const word = words.join(' ') as ByteString;
  const action = { command: 'reinit', subject: word, input: words };
  emit({ type: 'start', action });
  try {
    for (const text of await initializeAs(folder, word)) emit({ type: 'long-note', action, text });
    const repository = await openRepository(folder);
    await recordRemotes(repository, openRepository).finally(() => repository.close());
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    emit({ type: 'end', action, success: false, errors: [`git-annex: ${error.message}`] });
    return { failed: 1, stoppedByLimit: false };
  }
  emit({ type: 'end', action, success: true });
  return { failed: 0, stoppedByLimit: false };
}

/** @returns sentences on what was found on the way */
async function initializeAs(folder: ByteString, word: ByteString): Promise<readonly string[]> {
  const parts = await openParts(folder);
  try {
    checkSettings(parts.settings);
    if (parts.settings.get('annex.version') !== undefined) supportedVersion(parts.settings, parts.location);
    await parts.settings.set('annex.uuid', await uuidNamed(word, parts));
    return (await initialize(parts, {})).notes;
  } finally {
    await parts.git.close();
  }
}

const RFC_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function uuidNamed(word: ByteString, { git, settings, openBranch }: Uninitialized): Promise<Uuid> {
  if (RFC_UUID.test(word)) return word as ByteString as Uuid;
  const remote = parseUuid(settings.get(`remote.${word}.annex-uuid`) ?? '');
  if (remote !== undefined) return remote;
  if ((await knownBranches(git)).length > 0) {
    const branch = openBranch();
    try {
      await branch.create();
      const descriptions = descriptionLog.values(await branch.read(descriptionLog.path));
      const [found, second] = [...descriptions].filter(([uuid, text]) => uuid === word || text === word);
      if (second !== undefined) throw new AnnexError('unknown-remote', AMBIGUOUS_NAME);
      if (found !== undefined) return found[0];
    } finally {
      await branch.close();
    }
  }
  throw new AnnexError('unknown-remote', `there is no available git remote named "${toText(word)}"`);
}
