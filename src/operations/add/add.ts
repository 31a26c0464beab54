import { lstatSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { configLogPath, parseConfigLog } from '../../domain/logs/config-log.js';
import type { Expression } from '../../domain/matching/expression.js';
import { matches } from '../../domain/matching/facts.js';
import { parseSymlink, pointerContent, symlinkTarget } from '../../domain/pointers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { inBatches } from '../../lib/in-batches.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { type Attributes, createAttributes } from '../select/attributes.js';
import { type MatchingOption, parseMatching } from '../select/matching.js';
import { directoryBelow, type Operand, readOperand, shownFrom } from '../select/operands.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import { type Candidate, type CandidateOptions, candidates } from './candidates.js';
import { type Classify, createClassify, type Destiny } from './classify.js';
import { createFileRules } from './file-rules.js';
import { ingestLocked, ingestUnlocked } from './ingest.js';
import { openScratch, type ScratchFolder } from './scratch.js';
import { addToGit, type Staged, stageAll } from './stage.js';

export interface AddRequest {
  readonly operands: readonly ByteString[];
  /** Absolute. */
  readonly cwd: ByteString;
  readonly includeIgnored: boolean;
  /** `--update`: no files that git does not know. */
  readonly trackedOnly: boolean;
  readonly forceLarge: boolean;
  readonly forceSmall: boolean;
  readonly dryRun: boolean;
  readonly backend?: ByteString | undefined;
  /** Names read one at a time, each answered before the next is read. */
  readonly batch?: AsyncIterable<ByteString> | undefined;
  /** Matching options in their order: a file that does not match is passed over. */
  readonly matching: readonly MatchingOption[];
}

interface Run {
  readonly repository: Repository;
  readonly context: OperationContext;
  readonly request: AddRequest;
  readonly top: ByteString;
  readonly show: (path: ByteString) => ByteString;
  readonly attributes: Attributes;
  readonly classify: Classify;
  readonly scratch: ScratchFolder;
  readonly matching: Expression | undefined;
  /** Whether git's index was changed. */
  staged: boolean;
}

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
  const run: Run = {
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
async function recordAll({ repository, context, staged }: Run): Promise<void> {
  const committed =
    repository.settings.bool('annex.alwayscommit', true) && (await repository.branch.commit());
  if (committed || staged) context.emit({ type: 'aside', text: 'recording state in git...' });
}

async function addListed(run: Run): Promise<number> {
  const { operands, failed } = readOperands(run);
  if (operands.length === 0 && run.request.operands.length > 0) return failed;
  let failures = failed;
  for await (const batch of inBatches(candidates(run.repository, operands, listing(run)), BATCH)) {
    run.context.signal.throwIfAborted();
    failures += await addAll(run, batch);
  }
  return failures;
}

function listing({ request, top }: Run): CandidateOptions {
  const { cwd, includeIgnored, trackedOnly } = request;
  return { top, cwd, includeIgnored, trackedOnly };
}

async function addBatch(run: Run, names: AsyncIterable<ByteString>): Promise<number> {
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

function operandAt({ request, top }: Run, given: ByteString): Operand | undefined {
  try {
    return readOperand(given, request.cwd, top);
  } catch {
    return undefined;
  }
}

/** Says what is not there; the others are added. A path outside the work tree ends it, as git does. */
function readOperands(run: Run): { operands: Operand[]; failed: number } {
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

function existing({ top }: Run, { path }: Operand): boolean {
  return lstatSync(toPath(`${top}/${path}` as ByteString), { throwIfNoEntry: false }) !== undefined;
}

/** A file on its way, and what is to be staged of it. */
interface Addition {
  readonly candidate: Candidate;
  readonly running: RunningAction;
  key?: Key;
  staged?: Staged;
  /** Its content goes into git by `git add`. */
  toGit?: boolean;
  unlocked?: boolean;
}

async function addAll(run: Run, batch: readonly Candidate[]): Promise<number> {
  const { request, repository, context } = run;
  const chosen: Candidate[] = [];
  for (const candidate of batch) if (isChosen(run, candidate)) chosen.push(candidate);
  const destinies = await run.classify(chosen);
  const done: Addition[] = [];
  let failed = 0;
  for (const [i, candidate] of chosen.entries()) {
    const addition = await addOne(run, candidate, destinies[i] as Destiny);
    if (addition === undefined) failed++;
    else done.push(addition);
  }
  if (!request.dryRun) {
    const annexed = done.flatMap(({ key }) => key ?? []);
    await recordLocations(repository, annexed, repository.uuid, 'present');
    failed += await stageAdditions(run, done);
  }
  for (const { running, key } of done) {
    if (!context.signal.aborted) running.end(true, key === undefined ? {} : { fields: { key } });
  }
  return failed;
}

/** Globs of matching options are held against paths relative to the current directory. */
function isChosen({ matching, show }: Run, { path, stats }: Candidate): boolean {
  if (matching === undefined) return true;
  const answer = matches(matching, { file: show(path), size: stats.size });
  if (answer === 'unknown')
    throw new AnnexError('usage', 'these matching options only work on annexed files');
  return answer;
}

/** Where git's index can't be written, all fail: what was taken into the annex is there, but git does not know it. */
async function stageAdditions(run: Run, done: Addition[]): Promise<number> {
  const { repository, context } = run;
  try {
    await stageAll(
      repository,
      done.flatMap(({ staged }) => staged ?? []),
      context.signal,
    );
    const plain = done.filter(({ toGit }) => toGit).map(({ candidate }) => candidate.path);
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

async function addOne(run: Run, candidate: Candidate, destiny: Destiny): Promise<Addition | undefined> {
  const file = run.show(candidate.path);
  const input = [candidate.operand?.given ?? file];
  const running = createRunningAction({ command: 'add', file, input }, run.context.emit);
  const addition: Addition = { candidate, running };
  running.start();
  try {
    if (destiny.kind === 'git') running.note(destiny.note);
    if (run.request.dryRun) return addition;
    if (destiny.kind === 'git') addition.toGit = true;
    else if (destiny.kind === 'link') addLink(run, addition);
    else await addContent(run, addition, destiny);
    return addition;
  } catch (error) {
    if (run.context.signal.aborted) throw error;
    running.failure(sentence(error, file));
    running.end(false);
    return undefined;
  }
}

/** A link to annexed content is made right for its place; any other link is git's. */
function addLink(run: Run, addition: Addition): void {
  const { path } = addition.candidate;
  const file = toPath(`${run.top}/${path}` as ByteString);
  const target = fromBuffer(readlinkSync(file, { encoding: 'buffer' }));
  const key = parseSymlink(target);
  if (key === undefined) {
    addition.staged = { path, mode: '120000', content: target };
    return;
  }
  const right = symlinkTarget(key, path);
  if (right !== target) {
    const link = toPath(run.scratch.name());
    symlinkSync(toPath(right), link);
    renameSync(link, file);
  }
  addition.staged = { path, mode: '120000', content: right };
}

async function addContent(
  run: Run,
  addition: Addition,
  destiny: Extract<Destiny, { kind: 'annex' }>,
): Promise<void> {
  const { repository, top, scratch } = run;
  const { candidate, running } = addition;
  const { path, stats } = candidate;
  const file = `${top}/${path}` as ByteString;
  const onBytes = (bytes: number) => running.progress(bytes, stats.size);
  const made = destiny.keys.make(file, path, { onBytes, signal: run.context.signal });
  const key = made instanceof Promise ? await made : made;
  const ingest = { path, file, key, stats };
  if (destiny.unlocked) {
    await ingestUnlocked(repository.objects, ingest, scratch.name);
    const mode = (stats.mode & 0o111) === 0 ? '100644' : '100755';
    addition.staged = { path, mode, content: pointerContent(key) };
    repository.unlocked.remember(key, file, repository.objects.pathFor(key));
  } else {
    await ingestLocked(repository.objects, ingest, scratch.name);
    addition.staged = { path, mode: '120000', content: symlinkTarget(key, path) };
  }
  addition.key = key;
}

function sentence(error: unknown, file: ByteString): AnnexError | string {
  if (!(error instanceof AnnexError)) return error instanceof Error ? error.message : String(error);
  return error.code === 'content-modified' ? `${toText(file)} ${error.message}` : error;
}
