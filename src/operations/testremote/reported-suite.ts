import { closeSync, openSync, writeFileSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Action } from '../../domain/events.js';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import type { OperationContext } from '../context.js';
import type { CaseGroup } from './plan-groups.js';
import { createJunitReport } from './report-junit.js';
import { createRecordReport } from './report-records.js';
import { createTapReport } from './report-tap.js';
import { createTreeReport } from './report-tree.js';
import { chosenCases, runSuite } from './run-suite.js';
import type { CaseResult, SuiteOptions } from './suite.js';
import type { SuiteReport, SuiteSummary } from './suite-report.js';

export interface ReportRequest {
  readonly remote: ByteString;
  /** As the Test Anything Protocol instead of a tree. */
  readonly tap: boolean;
  /** Where JUnit's XML goes: a path from the current directory. */
  readonly junit: ByteString | undefined;
  /** That the tree is part of. */
  readonly action: Action | undefined;
}

/**
 * Runs cases and tells how they go in all the ways wanted. What stopped it early is thrown after the end was told.
 * @throws AnnexError `usage` when the JUnit file can't be written, and what `runSuite` throws
 */
export async function runReported(
  suite: Omit<SuiteOptions, 'onGroup' | 'onResult' | 'signal'>,
  request: ReportRequest,
  context: OperationContext,
): Promise<SuiteSummary> {
  const reports = openReports(request, namesOf(suite.groups, suite.wanted), context);
  const started = performance.now();
  let total = 0;
  let failed = 0;
  let stopped: unknown;
  const onGroup = (group: CaseGroup) => {
    for (const report of reports) report.group(group);
  };
  const onResult = (result: CaseResult) => {
    total++;
    if (result.failure !== undefined) failed++;
    for (const report of reports) report.result(result);
  };
  try {
    await runSuite({ ...suite, signal: context.signal, onGroup, onResult });
  } catch (error) {
    stopped = error;
  }
  const seconds = (performance.now() - started) / 1000;
  const summary = { total, failed, seconds, stopped: stopped !== undefined };
  for (const report of reports) report.end(summary);
  if (stopped !== undefined) throw stopped;
  return summary;
}

function openReports(
  { remote, tap, junit, action }: ReportRequest,
  names: readonly string[],
  { emit }: OperationContext,
): SuiteReport[] {
  const save = junit === undefined ? undefined : fileWriter(junit);
  const write = (text: string) =>
    emit({ type: 'output', bytes: fromText(text), ...(action === undefined ? {} : { action }) });
  return [
    tap ? createTapReport(write) : createTreeReport(names, write),
    createRecordReport(remote, emit),
    ...(save === undefined ? [] : [createJunitReport(toText(remote), save)]),
  ];
}

function namesOf(groups: readonly CaseGroup[], wanted: SuiteOptions['wanted']): string[] {
  return groups.flatMap((group) => chosenCases(group, wanted).map(({ name }) => name));
}

/** That it can't be written is found out before anything is done. */
function fileWriter(path: ByteString): (text: string) => void {
  try {
    closeSync(openSync(toPath(path), 'w'));
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new AnnexError('usage', `option --junit: ${toText(path)} cannot be written${why}`);
  }
  return (text) => writeFileSync(toPath(path), text);
}
