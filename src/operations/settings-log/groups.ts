import { AnnexError } from '../../domain/errors.js';
import { groupLog } from '../../domain/logs/group-log.js';
import { compareBytes } from '../../domain/logs/lines.js';
import type { ByteString } from '../../lib/bytes.js';
import { splitWords } from '../../lib/words.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

const DONE: Outcome = { failed: 0, stoppedByLimit: false };
const USAGE = 'Specify a repository and a group.';

/** Adds a repository to a group; without a group it shows those the repository is in. */
export async function group(
  repository: Recorder,
  known: KnownRepositories,
  operands: readonly ByteString[],
  context: OperationContext,
): Promise<Outcome> {
  const [name, word] = operands;
  if (name === undefined || operands.length > 2) throw new AnnexError('usage', USAGE);
  if (word !== undefined) {
    const added = splitWords(word);
    return change(
      repository,
      known,
      { command: 'group', name, input: operands },
      context,
      (groups) => new Set([...groups, ...added]),
    );
  }
  const uuid = known.named(name);
  const groups = groupLog.values(await repository.branch.read(groupLog.path)).get(uuid) ?? new Set();
  return showGroups(groups, context);
}

/** Takes a repository out of a group. */
export async function ungroup(
  repository: Recorder,
  known: KnownRepositories,
  operands: readonly ByteString[],
  context: OperationContext,
): Promise<Outcome> {
  const [name, word] = operands;
  if (name === undefined || word === undefined || operands.length > 2) throw new AnnexError('usage', USAGE);
  return change(
    repository,
    known,
    { command: 'ungroup', name, input: operands },
    context,
    (groups) => new Set([...groups].filter((group) => group !== word)),
  );
}

/** `group --list`: every group that some repository is in. */
export async function listGroups({ branch }: Recorder, context: OperationContext): Promise<Outcome> {
  const all = [...groupLog.values(await branch.read(groupLog.path)).values()];
  return showGroups(new Set(all.flatMap((groups) => [...groups])), context);
}

async function change(
  repository: Recorder,
  known: KnownRepositories,
  { command, name, input }: { command: string; name: ByteString; input: readonly ByteString[] },
  { emit }: OperationContext,
  changed: (groups: ReadonlySet<ByteString>) => ReadonlySet<ByteString>,
): Promise<Outcome> {
  const uuid = known.named(name);
  const action = { command, subject: name, input };
  emit({ type: 'start', action });
  await repository.branch.change([
    {
      path: groupLog.path,
      about: uuid,
      change: (content) =>
        groupLog.set(content, uuid, changed(groupLog.values(content).get(uuid) ?? new Set()), logClock()),
    },
  ]);
  emit({ type: 'end', action, success: true });
  await recordState(repository, emit);
  return DONE;
}

function showGroups(groups: ReadonlySet<ByteString>, { emit }: OperationContext): Outcome {
  emit({ type: 'output', bytes: `${[...groups].sort(compareBytes).join(' ')}\n` as ByteString });
  return DONE;
}
