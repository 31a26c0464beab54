import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AnnexEvent } from '../../../src/domain/events.js';
import { type ByteString, fromText, toText } from '../../../src/lib/bytes.js';
import { add } from '../../../src/operations/add/add.js';
import type { AddRequest } from '../../../src/operations/add/add-run.js';
import type { OperationContext, Outcome } from '../../../src/operations/context.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { type Selection, type SelectionRequest, select } from '../../../src/operations/select/select.js';
import {
  closeSession,
  openSession,
  type Session,
  type SessionOptions,
} from '../../../src/operations/transfer/session.js';
import { attempt, run } from '../../support/annex-repository.js';

/** What an operation did, as its readers see it. */
export interface Seen {
  readonly outcome: Outcome;
  readonly events: readonly AnnexEvent[];
  /** `get f1 (from origin...) ok`, one line an action. */
  readonly actions: readonly string[];
  readonly warnings: readonly string[];
}

type Work = (session: Session, selection: Selection) => Promise<Outcome>;

/** Runs an operation on what is selected in a repository, as a command would. */
export async function operate(
  path: string,
  work: Work,
  selection: Partial<SelectionRequest> = {},
  options: Partial<SessionOptions> = {},
): Promise<Seen> {
  const { context, events } = recorder();
  const cwd = fromText(path);
  const here = await openRepository(cwd);
  try {
    const session = await openSession(here, context, { openRepository, ...options });
    try {
      const outcome = await work(session, select(here, { operands: [], cwd, ...selection }, context.emit));
      return seen(events, outcome);
    } finally {
      await closeSession(session);
    }
  } finally {
    await here.close();
  }
}

/** Adds files as the command does. */
export async function addIn(
  path: string,
  operands: readonly string[],
  request: Partial<AddRequest> = {},
): Promise<Seen> {
  const { context, events } = recorder();
  const cwd = fromText(path);
  const repository = await openRepository(cwd);
  try {
    const all = {
      operands: operands.map(fromText),
      cwd,
      includeIgnored: false,
      trackedOnly: false,
      forceLarge: false,
      forceSmall: false,
      dryRun: false,
      matching: [],
      ...request,
    };
    return seen(events, await add(repository, all, context));
  } finally {
    await repository.close();
  }
}

/** Writes files below a folder. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** A clone that git-annex knows by its name. */
export function cloned(from: string, to: string): string {
  run('git', ['clone', '-q', from, to], dirname(to));
  run('git', ['config', 'user.name', 'Tester'], to);
  run('git', ['config', 'user.email', 'tester@example.com'], to);
  run('git', ['annex', 'init', '-q', to.slice(to.lastIndexOf('/') + 1)], to);
  return to;
}

/** The names of the repositories that the real git-annex believes to have a file. */
export function whereis(path: string, file: string): string[] {
  const answer = run('git', ['annex', 'find', '--anything', '--format=${key}\\n', file], path);
  const log = JSON.parse(attempt('git', ['annex', 'whereis', '--json', '--key', answer], path).stdout) as {
    whereis: { description: string }[];
  };
  return log.whereis.map(({ description }) => description.replace(/ \[.*\]$/, '')).sort();
}

export const word = (text: string): ByteString => fromText(text);

function recorder(): { context: OperationContext; events: AnnexEvent[] } {
  const events: AnnexEvent[] = [];
  const emit = (event: AnnexEvent) => void events.push(event);
  return { context: { emit, signal: new AbortController().signal, jobs: 1 }, events };
}

function seen(events: readonly AnnexEvent[], outcome: Outcome): Seen {
  const actions: string[] = [];
  for (const event of events) {
    if (event.type !== 'end') continue;
    const { action } = event;
    const notes = events.flatMap((other) =>
      other.type === 'note' && other.action === action ? [`(${other.text})`] : [],
    );
    const name = toText(action.file ?? action.key ?? action.subject ?? ('' as ByteString));
    actions.push([action.command, name, ...notes, event.success ? 'ok' : 'failed'].join(' '));
  }
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.text] : []));
  return { outcome, events, actions, warnings };
}
