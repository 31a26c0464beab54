import { openRepository } from '../open-repository.js';
import { fillAfterCheckout } from './fill-after-checkout.js';
import { processStreams, type Streams, say } from './streams.js';

/**
 * `git annex post-receive`: after a push, merges the git-annex branch that was pushed, and fills unlocked files when git has
 * updated the work tree (`receive.denyCurrentBranch=updateInstead`); where an adjusted branch is checked out, git has not,
 * and what was pushed is merged into it. Gives the exit code.
 */
export async function run(_argv: readonly string[], streams: Streams = processStreams()): Promise<number> {
  const onAside = (text: string) => say(streams.stdout, `(${text})`);
  const repository = await openRepository(streams.cwd, { onAside });
  try {
    await repository.branch.update();
    await fillAfterCheckout(repository);
    const deny = repository.settings.get('receive.denycurrentbranch') ?? '';
    if (deny.toLowerCase() === 'updateinstead') {
      const { updateAdjusted } = await import('../adjusted/after-push.js');
      await updateAdjusted(repository, streams);
    }
  } finally {
    await repository.close();
  }
  return 0;
}
