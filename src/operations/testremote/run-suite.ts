import { AnnexError } from '../../domain/errors.js';
import type { RemoteCase } from './case.js';
import { createLink } from './link.js';
import type { CaseGroup } from './plan-groups.js';
import { runGroup } from './run-group.js';
import type { CaseResult, SuiteOptions } from './suite.js';

/** A remote that so often did not answer is not asked further. */
const MOST_HANGS = 3;

/** The cases of a group that are to be run. */
export function chosenCases(group: CaseGroup, wanted: SuiteOptions['wanted']): RemoteCase[] {
  return group.cases.filter(({ name }) => wanted(`${group.name}.${name}`));
}

/**
 * Runs the cases, and removes after each group what was stored for it, however it ended.
 * @throws AnnexError `remote-unavailable` when the remote keeps silent, `interrupted` or whatever aborted the signal
 */
export async function runSuite(options: SuiteOptions): Promise<void> {
  const link = createLink(options.openRemote);
  let hangs = 0;
  const mayGoOn = (): boolean => hangs < MOST_HANGS;
  const onResult = (result: CaseResult) => {
    if (result.failure?.hung) hangs++;
    options.onResult(result);
  };
  try {
    for (const group of options.groups) {
      const cases = chosenCases(group, options.wanted);
      if (cases.length === 0) continue;
      options.signal.throwIfAborted();
      await runGroup({ ...options, onResult }, { group, cases, link, mayGoOn });
      if (mayGoOn()) continue;
      throw new AnnexError(
        'remote-unavailable',
        `the test was stopped, since there was no answer ${hangs} times`,
      );
    }
  } finally {
    await link.close();
  }
}
