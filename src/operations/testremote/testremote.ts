import { rmSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Action } from '../../domain/events.js';
import { isClusterUuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import { benchmark } from './bench.js';
import type { TestContent } from './case.js';
import { type ContentPlan, makeContent } from './contents.js';
import { existingContents } from './existing-contents.js';
import { type CaseGroup, planGroups } from './plan-groups.js';
import { runReported } from './reported-suite.js';
import { chosenCases } from './run-suite.js';
import { caseSelector } from './select-cases.js';
import { takeLeftScratch } from './scratch-annex.js';
import { openSubject, type OpenRepository, removeLeft, type Subject } from './subject.js';

export interface TestRemoteRequest {
  readonly remote: ByteString;
  /** Base size of contents in bytes, at least 1. */
  readonly size: number;
  readonly fast: boolean;
  /** Annexed files to read, instead of random contents to write. */
  readonly readonlyFiles: readonly ByteString[];
  /** Nothing may be written to the remote. */
  readonly ensureReadonly: boolean;
  /** What to do instead of testing. */
  readonly instead: 'list' | 'bench' | undefined;
  /** Which cases; undefined: all. */
  readonly only: string | undefined;
  readonly tap: boolean;
  readonly junit: ByteString | undefined;
  /** Milliseconds for each case. */
  readonly timeout: number;
  readonly cwd: ByteString;
  readonly openRepository: OpenRepository;
}

/**
 * Tests that a remote does what it has to do, or measures how fast it does it. Whatever happens, the contents used for it
 * are removed again, from the remote too.
 */
export async function testRemote(
  here: Repository,
  request: TestRemoteRequest,
  context: OperationContext,
): Promise<Outcome> {
  const wanted = caseSelector(request.only);
  const framed = !request.tap && request.instead !== 'list';
  const action: Action = { command: 'testremote', subject: request.remote, input: [request.remote] };
  const running = framed ? createRunningAction(action, context.emit) : undefined;
  running?.start();
  try {
    const subject = await openSubject(here, request.remote, request.openRepository, context);
    try {
      const failed = await work(here, request, { subject, running, wanted }, context);
      if (failed > 0 && running !== undefined)
        context.emit({ type: 'output', action, bytes: fromText('\n') });
      running?.end(failed === 0, { fields: { remote: subject.name } });
      return { failed: failed > 0 ? 1 : 0, stoppedByLimit: false };
    } finally {
      await subject.close();
    }
  } catch (error) {
    if (running === undefined || !(error instanceof AnnexError) || error.code === 'interrupted') throw error;
    running.failure(`git-annex: ${error.message}${error.hint === undefined ? '' : `\n${error.hint}`}`);
    running.end(false);
    return { failed: 1, stoppedByLimit: false };
  }
}

interface Work {
  readonly subject: Subject;
  readonly running: RunningAction | undefined;
  readonly wanted: (path: string) => boolean;
}

/** Gives how many cases failed. */
async function work(
  here: Repository,
  request: TestRemoteRequest,
  { subject, running, wanted }: Work,
  context: OperationContext,
): Promise<number> {
  const existing = await toRead(here, request, subject, context);
  const { size, fast } = request;
  const groups = planGroups({
    size,
    fast,
    existing,
    unavailable: subject.unavailable !== undefined,
    isCluster: isClusterUuid(subject.uuid),
  });
  if (groups.every((group) => chosenCases(group, wanted).length === 0))
    throw new AnnexError('usage', 'No test matches; --list shows their names.');
  if (request.instead === 'list') return list(groups, wanted, context);
  if (existing === undefined) {
    running?.note('generating test keys...');
    await tidyBefore(here, subject, context);
  }
  const { scratch } = subject;
  const tools = {
    openRemote: subject.openRemote,
    here: scratch.repository,
    makeContent: (plan: ContentPlan) => makeContent(scratch.folder, plan),
    noteKeys: subject.noteKeys,
    forgetContent: ({ original }: TestContent) => rmSync(toPath(original), { force: true }),
  };
  if (request.instead === 'bench') {
    await benchmark({ ...tools, existing, size, remote: subject.name, action: running?.action }, context);
    return 0;
  }
  const suite = { ...tools, groups, wanted, unavailable: subject.unavailable, timeout: request.timeout };
  const report = { remote: subject.name, tap: request.tap, junit: request.junit, action: running?.action };
  return (await runReported(suite, report, context)).failed;
}

/** The contents of the user that are read; undefined: random ones may be written. */
async function toRead(
  here: Repository,
  { readonlyFiles, ensureReadonly, cwd }: TestRemoteRequest,
  subject: Subject,
  { signal }: OperationContext,
): Promise<TestContent[] | undefined> {
  if (readonlyFiles.length === 0) {
    if (!subject.readonly && !ensureReadonly) return undefined;
    throw new AnnexError(
      'usage',
      'Nothing may be written to this remote, so --test-readonly=FILE is needed.',
    );
  }
  const remote = await subject.openRemote();
  try {
    return await existingContents(here, remote, readonlyFiles, { cwd, signal });
  } finally {
    await remote.close();
  }
}

async function tidyBefore(here: Repository, subject: Subject, context: OperationContext): Promise<void> {
  const left = takeLeftScratch(here, subject.uuid);
  if (left.length === 0) return;
  const remote = await subject.openRemote();
  try {
    for (const one of left) await removeLeft(one, subject, remote, context);
  } finally {
    await remote.close();
  }
}

/** Names as `--only` takes them. */
function list(groups: readonly CaseGroup[], wanted: Work['wanted'], { emit }: OperationContext): number {
  for (const group of groups) {
    for (const name of new Set(chosenCases(group, wanted).map((one) => one.name))) {
      emit({ type: 'output', bytes: fromText(`${group.name}.${name}\n`) });
      emit({ type: 'record', fields: { command: 'testremote', group: group.name, name } });
    }
  }
  return 0;
}
