import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import type { Remote } from '../../remotes/remote.js';
import type { LocalSide, RemoteCase, TestContent } from './case.js';
import type { FailureReport } from './failure.js';
import { answerWithin } from './patience.js';
import type { ContentPlan } from './contents.js';
import type { CaseGroup } from './plan-groups.js';
import { runGroup } from './run-group.js';

/** How one case ended. */
export interface CaseResult {
  readonly group: string;
  readonly name: string;
  readonly seconds: number;
  /** Undefined: it passed. */
  readonly failure: FailureReport | undefined;
}

export interface SuiteOptions {
  readonly groups: readonly CaseGroup[];
  /** Whether a case is to be run, by `GROUP.CASE`. */
  readonly wanted: (path: string) => boolean;
  /** Opens the remote; it is opened anew when it did not answer. */
  readonly openRemote: () => Promise<Remote>;
  /** A remote of the same kind that can't be reached, if there is one. */
  readonly unavailable: Remote | undefined;
  readonly here: LocalSide;
  readonly makeContent: (plan: ContentPlan) => TestContent;
  /** Told of keys before they are used. */
  readonly noteKeys: (keys: readonly Key[]) => void;
  readonly forgetContent: (content: TestContent) => void;
  /** For each case, in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly onGroup: (group: CaseGroup) => void;
  readonly onResult: (result: CaseResult) => void;
}

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

/** The remote in use; after `close` the next one who asks gets a new one. */
export interface Link {
  remote(): Promise<Remote>;
  close(): Promise<void>;
}

/** Milliseconds that a remote has to end its connections. */
const CLOSING = 5000;

function createLink(open: () => Promise<Remote>): Link {
  let current: Promise<Remote> | undefined;
  return {
    remote: () => (current ??= open()),
    async close() {
      const closing = current;
      current = undefined;
      await answerWithin(CLOSING, async () => (await closing)?.close()).catch(() => undefined);
    },
  };
}
