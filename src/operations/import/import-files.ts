import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { matches } from '../../domain/matching/facts.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { openScratch } from '../add/scratch.js';
import { attempt } from '../attempt.js';
import type { Outcome } from '../context.js';
import { type MatchingOption, parseMatching } from '../select/matching.js';
import { readOperand } from '../select/operands.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import type { Session } from '../transfer/session.js';
import { bringIn, type Incoming } from './bring-in.js';
import { ignoredPaths, obstacleAt } from './destination.js';
import { createDuplicates, type DuplicateMode, type Duplicates } from './duplicates.js';
import { type SourceFile, sourceFiles } from './sources.js';

export interface ImportRequest {
  readonly operands: readonly ByteString[];
  readonly mode: DuplicateMode;
  readonly backend: ByteString | undefined;
  readonly checkIgnored: boolean;
  readonly matching: readonly MatchingOption[];
  /** Absolute. */
  readonly cwd: ByteString;
}

/** Files that are added together. */
const TOGETHER = 500;

/** Moves or copies files from outside of the work tree into the annex: `import DIRECTORY`. */
export async function importFiles(session: Session, request: ImportRequest): Promise<Outcome> {
  const { here, context, force } = session;
  const top = here.location.workTree;
  if (top === undefined) throw new AnnexError('usage', 'You cannot run this command in a bare repository.');
  const expression = request.matching.length === 0 ? undefined : parseMatching(request.matching);
  const scratch = await openScratch(here.annexDir, context.signal);
  const duplicates =
    request.mode === 'import' || request.mode === 'keep'
      ? undefined
      : createDuplicates(session, request.mode, request.backend, scratch.name);
  const checkIgnored = request.checkIgnored && !force;
  let failed = 0;
  let waiting: Incoming[] = [];
  let waitingKeys = new Set<Key>();
  const flush = async () => {
    const files = waiting;
    waiting = [];
    waitingKeys = new Set();
    const allowed = await allowedFiles(session, files, top, checkIgnored);
    failed += files.length - allowed.length;
    const { cwd, backend } = request;
    const options = { top, cwd, backend, includeIgnored: !checkIgnored, scratch: scratch.name };
    failed += await bringIn(session, allowed, {
      ...options,
      keep: request.mode === 'keep' || request.mode === 'skip',
    });
  };
  try {
    for (const source of sourceFiles(request.operands, request.cwd, top)) {
      context.signal.throwIfAborted();
      if (!session.limits.timeLeft()) break;
      if (expression !== undefined) {
        const answer = matches(expression, { file: source.shown, size: source.stats.size });
        if (answer === 'unknown')
          throw new AnnexError('usage', 'these matching options only work on annexed files');
        if (!answer) continue;
      }
      const { path } = readOperand(source.shown, request.cwd, top);
      const key = await duplicates?.keyOf(source.file, path);
      if (key !== undefined && waitingKeys.has(key)) await flush();
      const isNew = key === undefined || duplicates === undefined || !(await duplicates.isKnown(key));
      if (isNew && request.mode !== 'clean') {
        waiting.push({ ...source, path });
        if (key !== undefined) waitingKeys.add(key);
        if (waiting.length >= TOGETHER) await flush();
      } else if (!(await settle(session, source, isNew ? undefined : key, duplicates))) failed++;
    }
  } finally {
    await flush();
    scratch.release();
  }
  return { failed, stoppedByLimit: session.limits.reached };
}

function actionFor({ context }: Session, { shown }: { shown: ByteString }): RunningAction {
  return createRunningAction({ command: 'import', file: shown, input: [] }, context.emit);
}

/** @param key of a duplicate; undefined: the file is none, and only duplicates are dealt with */
async function settle(
  session: Session,
  source: SourceFile,
  key: Key | undefined,
  duplicates: Duplicates | undefined,
): Promise<boolean> {
  const running = actionFor(session, source);
  return attempt(running, async () => {
    if (key === undefined || duplicates === undefined) running.note('not duplicate; skipping');
    else if (!(await duplicates.settle(source.file, key, running))) return 'failed';
    return undefined;
  });
}

/** Those whose place is free and not ignored; tells of the others. */
async function allowedFiles(
  session: Session,
  files: readonly Incoming[],
  top: ByteString,
  checkIgnored: boolean,
): Promise<Incoming[]> {
  const refuse = (file: Incoming, text: string) => {
    const running = actionFor(session, file);
    running.start();
    session.context.emit({ type: 'problem', action: running.action, message: [text] });
    running.end(false);
  };
  const free: Incoming[] = [];
  const taken = new Set<ByteString>();
  for (const file of files) {
    const obstacle = obstacleAt(top, file.path, file.shown, session.force);
    const twice = taken.has(file.path) ? `not importing two files as ${toText(file.shown)}` : undefined;
    if (obstacle !== undefined || twice !== undefined) refuse(file, obstacle ?? twice ?? '');
    else free.push(file);
    taken.add(file.path);
  }
  if (!checkIgnored) return free;
  const ignored = await ignoredPaths(
    session.here.git,
    free.map(({ path }) => path),
  );
  return free.filter((file) => {
    if (!ignored.has(file.path)) return true;
    const advice = '(use --no-check-gitignore to override)';
    refuse(file, `not importing ${toText(file.shown)} which is .gitignored ${advice}`);
    return false;
  });
}
