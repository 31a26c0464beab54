import { AnnexError } from '../../domain/errors.js';
import { type RemoteConfig, remoteLog } from '../../domain/logs/remote-log.js';
import { ascii, type ByteString, toText } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

/** Changes the name by which a special remote is enabled; its name in git config stays. */
export async function renameRemote(
  repository: Recorder,
  known: KnownRepositories,
  [old, name, ...more]: readonly ByteString[],
  { emit }: OperationContext,
): Promise<Outcome> {
  if (old === undefined || name === undefined || name === '' || more.length > 0) {
    throw new AnnexError('usage', 'Specify an old name (or uuid or description) and a new name.');
  }
  const { branch } = repository;
  const remotes = remoteLog.values(await branch.read(remoteLog.path));
  const uuid = [...remotes].find(([, config]) => nameOf(config) === old)?.[0] ?? known.named(old);
  const config = remotes.get(uuid);
  if (config === undefined) throw new AnnexError('usage', 'That is not a special remote.');
  if ([...remotes.values()].some((other) => nameOf(other) === name)) {
    throw new AnnexError('usage', `The name ${toText(name)} is already used by a special remote.`);
  }
  const action = { command: 'rename', subject: ascii(''), input: [old, name] };
  emit({ type: 'start', action });
  const renamed = new Map(config).set(config.has(SAME_AS) ? NAME_OF_SAME : NAME, name);
  const change = (content: ByteString) => remoteLog.set(content, uuid, renamed, logClock());
  await branch.change([{ path: remoteLog.path, change, about: uuid }]);
  emit({ type: 'end', action, success: true });
  await recordState(repository, emit);
  return { failed: 0, stoppedByLimit: false };
}

const NAME = ascii('name');
/** Of a second way to the repository of another special remote. */
const SAME_AS = ascii('sameas-uuid');
const NAME_OF_SAME = ascii('sameas-name');

function nameOf(config: RemoteConfig): ByteString | undefined {
  return config.get(NAME) ?? config.get(NAME_OF_SAME);
}
