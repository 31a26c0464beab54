import { AnnexError } from '../../domain/errors.js';
import {
  cycleView,
  filterView,
  refineView,
  sameView,
  type View,
  viewBranch,
  viewDepth,
} from '../../domain/views/view.js';
import { ascii, type ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { fillAfterCheckout } from '../git-filters/fill-after-checkout.js';
import type { OperationContext, Outcome } from '../context.js';
import { ownCheckout } from '../adjusted/own-checkout.js';
import { beginStep, type RunningStep } from '../merge/git-report.js';
import { currentBranch } from '../sync/current-branch.js';
import { makeViewBranch } from './make-view.js';
import { forgetViews, readViews, rememberView, viewOfBranch } from './view-log-file.js';

const NO_SUBJECT = '' as ByteString;
const DONE: Outcome = { failed: 0, stoppedByLimit: false };

/** Enters a view of the current branch: `view`. */
export async function enterView(
  here: Repository,
  words: readonly ByteString[],
  context: OperationContext,
): Promise<Outcome> {
  if (words.length === 0) throw new AnnexError('usage', 'Specify metadata to include in view');
  const head = await branchOf(here);
  if (viewOfBranch(here.annexDir, head) !== undefined) {
    throw new AnnexError(
      'usage',
      'Already in a view. Use the vfilter and vadd commands to further refine this view.',
    );
  }
  if (head.startsWith('refs/heads/adjusted/')) {
    throw new AnnexError('usage', 'A view of an adjusted branch cannot be entered.', {
      hint: 'Check out the original branch first.',
    });
  }
  await assertClean(here, context);
  const view = refineView({ parent: head, components: [] }, words, unsetDirectory(here)).view;
  return change(context, 'view', async (step, note) => {
    note('searching...');
    await enter(here, view, false, context, step);
  });
}

/** Adds levels of directories to the view: `vadd`. */
export async function addToView(
  here: Repository,
  words: readonly ByteString[],
  context: OperationContext,
): Promise<Outcome> {
  return change(context, 'vadd', async (step, note) => {
    const view = await currentView(here);
    const refined = refineView(view, words, unsetDirectory(here));
    if (refined.change === 'unchanged') return note('unchanged');
    if (refined.change === 'widening') {
      throw new AnnexError('usage', 'Widening view to match more files is not currently supported.');
    }
    if (viewDepth(refined.view) === viewDepth(view)) {
      throw new AnnexError(
        'usage',
        'That would not add an additional level of directory structure to the view. To filter the view, use vfilter instead of vadd.',
      );
    }
    await enter(here, refined.view, true, context, step);
  });
}

/** Filters the files of the view: `vfilter`. */
export async function filterCurrentView(
  here: Repository,
  words: readonly ByteString[],
  context: OperationContext,
): Promise<Outcome> {
  return change(context, 'vfilter', async (step, note) => {
    const view = await currentView(here);
    const filtered = filterView(view, words, unsetDirectory(here));
    if (sameView(filtered, view)) note('unchanged');
    else await enter(here, filtered, true, context, step);
  });
}

/** Changes the order of the levels of directories: `vcycle`. */
export async function cycleCurrentView(here: Repository, context: OperationContext): Promise<Outcome> {
  const view = await currentView(here);
  return change(context, 'vcycle', async (step, note) => {
    const cycled = cycleView(view);
    if (sameView(cycled, view)) note('unchanged');
    else await enter(here, cycled, true, context, step);
  });
}

/** Goes back by a number of views, from the first one to the branch it is a view of: `vpop`. */
export async function popView(here: Repository, count: number, context: OperationContext): Promise<Outcome> {
  const view = await currentView(here);
  const earlier = readViews(here.annexDir).filter(
    (one) => one.parent === view.parent && !sameView(one, view),
  );
  const target = earlier[count - 1];
  const step = beginStep(context, 'vpop', ascii(String(count)), undefined, 'block');
  try {
    await checkOut(here, target === undefined ? view.parent : viewBranch(target), step);
    forgetViews(here.annexDir, [view, ...earlier.slice(0, count - 1)]);
    step.end();
    return DONE;
  } catch (error) {
    return { failed: step.end(error), stoppedByLimit: false };
  }
}

/** Runs a change of the view as an action. */
async function change(
  context: OperationContext,
  command: string,
  work: (step: RunningStep, note: (text: string) => void) => Promise<void>,
): Promise<Outcome> {
  let action: Parameters<OperationContext['emit']>[0] | undefined;
  const emit: OperationContext['emit'] = (event) => {
    if (event.type === 'start') action = event;
    context.emit(event);
  };
  const step = beginStep({ ...context, emit }, command, NO_SUBJECT, undefined, 'inline');
  const note = (text: string) => {
    if (action?.type === 'start') context.emit({ type: 'note', action: action.action, text });
  };
  try {
    await work(step, note);
    step.end();
    return DONE;
  } catch (error) {
    return { failed: step.end(error), stoppedByLimit: false };
  }
}

async function enter(
  here: Repository,
  view: View,
  narrows: boolean,
  context: OperationContext,
  step: RunningStep,
): Promise<void> {
  const branch = await makeViewBranch(here, view, narrows, context.emit);
  step.output('\n' as ByteString);
  await checkOut(here, branch, step);
  rememberView(here.annexDir, view);
}

async function checkOut(here: Repository, branch: ByteString, step: RunningStep): Promise<void> {
  await here.unlocked.flush();
  const name = branch.replace(/^refs\/heads\//, '') as ByteString;
  const { stdout, stderr } = await here.git.run([...ownCheckout(here), 'checkout', name, '--']);
  step.output(stdout);
  step.complaint(stderr);
  await fillAfterCheckout(here);
}

async function branchOf({ git }: Repository): Promise<ByteString> {
  const head = await currentBranch(git);
  if (head === undefined) throw new AnnexError('usage', 'not on any branch!');
  return head.ref;
}

async function currentView(here: Repository): Promise<View> {
  const head = await currentBranch(here.git);
  const view = head === undefined ? undefined : viewOfBranch(here.annexDir, head.ref);
  if (view === undefined) throw new AnnexError('usage', 'Not in a view.');
  return view;
}

async function assertClean({ git }: Repository, { emit }: OperationContext): Promise<void> {
  const { stdout } = await git.run(['status', '--porcelain', '-z', '--untracked-files=no']);
  if (stdout === '') return;
  emit({ type: 'warning', text: 'Your uncommitted changes would be lost when entering a view.' });
  throw new AnnexError('content-modified', 'Not safe to enter view.', {
    hint: 'Commit or stash the changes first.',
  });
}

function unsetDirectory({ settings }: Repository): ByteString {
  return settings.get('annex.viewunsetdirectory') || ('_' as ByteString);
}
