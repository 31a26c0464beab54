import { lstatSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { configLogPath, parseConfigLog } from '../../domain/logs/config-log.js';
import { matches } from '../../domain/matching/facts.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { inBatches } from '../../lib/in-batches.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { createAttributes } from '../select/attributes.js';
import { parseMatching } from '../select/matching.js';
import { directoryBelow, type Operand, readOperand, shownFrom } from '../select/operands.js';
import { type Addition, addFile } from './add-file.js';
import type { AddRequest, AddRun } from './add-run.js';
import { type Candidate, type CandidateOptions, candidates } from './candidates.js';
import { createClassify, type Destiny } from './classify.js';
import { createFileRules } from './file-rules.js';
import { inheritMetadata } from './inherit-metadata.js';
import { recordDates } from './record-dates.js';
import { openScratch } from './scratch.js';
import { addToGit, stageAll } from './stage.js';

/** Files that share one change of git's index and of the location logs. */
const BATCH = { items: 2048, weight: 64 << 20, weigh: ({ stats }: Candidate) => stats.size, linger: 20 };

/** Takes work tree files into the annex, or where they are not large into git: `add`. */
export async function add(
  repository: Repository,
  request: AddRequest,
  context: OperationContext,
): Promise<Outcome> {
  const top = repository.location.workTree;
  if (top === undefined) throw new AnnexError('usage', 'You cannot run this command in a bare repository.');
  repository.settings.useBranchDefaults(parseConfigLog(await repository.branch.read(configLogPath)));
  const attributes = createAttributes(repository);
  const classify = createClassify(repository, attributes, createFileRules(repository, attributes), {
    forceLarge: request.forceLarge,
    forceSmall: request.forceSmall,
    backend: request.backend,
  });
  const matching = request.matching.length === 0 ? undefined : parseMatching(request.matching);
  const scratch = await openScratch(repository.annexDir, context.signal);
  const show = shownFrom(directoryBelow(request.cwd, top));
  const run: AddRun = {
    repository,
    context,
    request,
    top,
    show,
    attributes,
    classify,
    scratch,
    matching,
    staged: false,
  };
  try {
    const failed = request.batch === undefined ? await addListed(run) : await addBatch(run, request.batch);
    await repository.unlocked.flush();
    await recordAll(run);
    return { failed, stoppedByLimit: false };
  } finally {
    scratch.release();
  }
}

/** Says that state was recorded also where that was in git's index only. */
async function recordAll({ repository, context, staged }: AddRun): Promise<void> {
  const committed =
    repository.settings.bool('annex.alwayscommit', true) && (await repository.branch.commit());
  if (committed || staged) context.emit({ type: 'aside', text: 'recording state in git...' });
}

async function addListed(run: AddRun): Promise<number> {
  const { operands, failed } = readOperands(run);
  if (operands.length === 0 && run.request.operands.length > 0) return failed;
  let failures = failed;
  for await (const batch of inBatches(candidates(run.repository, operands, listing(run)), BATCH)) {
    run.context.signal.throwIfAborted();
    failures += await addAll(run, batch);
  }
  return failures;
}

function listing({ request, top }: AddRun): CandidateOptions {
  const { cwd, includeIgnored, trackedOnly } = request;
  return { top, cwd, includeIgnored, trackedOnly };
}

async function addBatch(run: AddRun, names: AsyncIterable<ByteString>): Promise<number> {
  let failed = 0;
  for await (const name of names) {
    run.context.signal.throwIfAborted();
    const before = failed;
    let any = false;
    const operand = operandAt(run, name);
    if (operand !== undefined && existing(run, operand)) {
      for await (const candidate of candidates(run.repository, [operand], listing(run))) {
        if (candidate.path !== operand.path) continue;
        any = true;
        failed += await addAll(run, [candidate]);
      }
    }
    if (!any && failed === before) run.context.emit({ type: 'blank' });
  }
  return failed;
}

function operandAt({ request, top }: AddRun, given: ByteString): Operand | undefined {
  try {
    return readOperand(given, request.cwd, top);
  } catch {
    return undefined;
  }
}

/** Says what is not there; the others are added. A path outside the work tree ends it, as git does. */
function readOperands(run: AddRun): { operands: Operand[]; failed: number } {
  const { emit } = run.context;
  const operands: Operand[] = [];
  let failed = 0;
  for (const given of run.request.operands) {
    try {
      const operand = readOperand(given, run.request.cwd, run.top);
      if (existing(run, operand)) operands.push(operand);
      else {
        failed++;
        const action = { command: 'add', file: given, input: [given] };
        const errors = [`git-annex: ${toText(given)} not found`];
        emit({ type: 'end', action, success: false, errors, messageId: 'FileNotFound' });
      }
    } catch (error) {
      if (!(error instanceof AnnexError)) throw error;
      emit({ type: 'warning', text: error.message });
      return { operands: [], failed: failed + 1 };
    }
  }
  return { operands, failed };
}

function existing({ top }: AddRun, { path }: Operand): boolean {
  return lstatSync(toPath(`${top}/${path}` as ByteString), { throwIfNoEntry: false }) !== undefined;
}

async function addAll(run: AddRun, batch: readonly Candidate[]): Promise<number> {
  const { request, repository, context } = run;
  const chosen: Candidate[] = [];
  for (const candidate of batch) if (isChosen(run, candidate)) chosen.push(candidate);
  const destinies = await run.classify(chosen);
  const done: Addition[] = [];
  let failed = 0;
  for (const [i, candidate] of chosen.entries()) {
    const destiny = destinies[i] as Destiny;
    if (destiny.kind === 'nothing') continue;
    const addition = await addFile(run, candidate, destiny);
    if (addition === undefined) failed++;
    else done.push(addition);
  }
  if (!request.dryRun) {
    const annexed = done.flatMap(({ key }) => key ?? []);
    await recordLocations(repository, annexed, repository.uuid, 'present');
    await inheritMetadata(run, done);
    if (repository.settings.bool('annex.genmetadata', false)) await recordDates(repository.branch, done);
    failed += await stageAdditions(run, done);
  }
  for (const { running, key } of done) {
    if (!context.signal.aborted) running.end(true, key === undefined ? {} : { fields: { key } });
  }
  return failed;
}

/** Globs of matching options are held against paths relative to the current directory. */
function isChosen({ matching, show }: AddRun, { path, stats }: Candidate): boolean {
  if (matching === undefined) return true;
  const answer = matches(matching, { file: show(path), size: stats.size });
  if (answer === 'unknown')
    throw new AnnexError('usage', 'these matching options only work on annexed files');
  return answer;
}

/** Where git's index can't be written, all fail: what was taken into the annex is there, but git does not know it. */
async function stageAdditions(run: AddRun, done: Addition[]): Promise<number> {
  const { repository, context } = run;
  try {
    await stageAll(
      repository,
      done.flatMap(({ staged }) => staged ?? []),
      context.signal,
    );
    const plain = done.filter(({ toGit }) => toGit).map(({ candidate }) => candidate.path);
    for (const path of plain) repository.unlocked.disown(`${run.top}/${path}` as ByteString);
    await repository.unlocked.flush();
    await addToGit(repository, plain, context.signal);
    if (done.length > 0) run.staged = true;
    return 0;
  } catch (error) {
    if (!(error instanceof AnnexError) || context.signal.aborted) throw error;
    for (const { running } of done) {
      running.failure(error);
      running.end(false);
    }
    return done.splice(0).length;
  }
}
