import { toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { type Streams, say } from '../git-filters/streams.js';
import { currentBranch } from '../sync/current-branch.js';
import { mergeDropPoint } from '../sync/pull-remote.js';

/** Merges what was pushed into the adjusted branch that is checked out, if one is; says what is done as `merge` does. */
export async function updateAdjusted(repository: Repository, streams: Streams): Promise<void> {
  const branch = await currentBranch(repository.git);
  if (branch?.adjusted === undefined) return;
  const resolve = repository.settings.bool('annex.resolvemerge', true);
  const emit = (event: Parameters<Parameters<typeof mergeDropPoint>[0]['context']['emit']>[0]): void => {
    if (event.type === 'start') say(streams.stdout, `merge ${toText(event.action.subject ?? branch.name)}`);
    else if (event.type === 'warning' || event.type === 'long-note') say(streams.stderr, event.text);
    else if (event.type === 'end' && !event.success) say(streams.stderr, (event.errors ?? []).join('\n'));
  };
  const signal = new AbortController().signal;
  const context = { emit, signal, jobs: 1 };
  await mergeDropPoint({ repository, context, branch, resolve, allowUnrelatedHistories: false });
}
