import { locationLogPath } from '../../domain/hash-directories.js';
import type { ByteString } from '../../lib/bytes.js';
import { pipelined } from '../../lib/pipelined.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { branchHistory, type HistoryStep } from './branch-history.js';
import { type LogShape, type Subject, showStep } from './show-log.js';

export interface LogRequest {
  readonly selection: Selection;
  /** Every key, the newest change first, rather than what is selected key by key. */
  readonly all: boolean;
  readonly shape: LogShape;
  /** For `git log`: `--since=...` and its like. */
  readonly gitOptions: readonly ByteString[];
  /** How text shows a file's name. */
  readonly quote: (name: ByteString) => ByteString;
}

/** `git log` processes at once. */
const AT_ONCE = 3;

/** Shows when contents came to repositories and left them, from the history of the git-annex branch. */
export async function showLog(
  { git }: Repository,
  known: KnownRepositories,
  request: LogRequest,
  { emit }: OperationContext,
): Promise<Outcome> {
  const { selection, gitOptions, quote } = request;
  const shown = { known, shape: request.shape, emit };
  if (request.all) {
    for await (const step of branchHistory(git, gitOptions)) {
      const { key } = step;
      if (key === undefined) continue;
      showStep(
        step,
        { file: undefined, name: key, input: [] },
        { ...shown, shape: { ...shown.shape, gource: false } },
      );
    }
    return { failed: 0, stoppedByLimit: false };
  }
  const histories = pipelined(selection.items, AT_ONCE, async (item) => {
    const path = locationLogPath(item.key);
    const steps: HistoryStep[] = [];
    for await (const step of branchHistory(git, ['--remove-empty', ...gitOptions], [path])) steps.push(step);
    return { item, steps };
  });
  for await (const { item, steps } of histories) {
    for (const step of steps) showStep(step, subjectOf(item, quote), shown);
  }
  return { failed: selection.unknown, stoppedByLimit: false };
}

function subjectOf({ key, shown, input }: Item, quote: (name: ByteString) => ByteString): Subject {
  if (shown === undefined) return { file: undefined, name: key, input };
  return { file: shown, name: quote(shown), input };
}
