import {
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  type Stats,
  utimesSync,
} from 'node:fs';
import { dirname } from 'node:path/posix';
import type { Action } from '../../domain/events.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { add } from '../add/add.js';
import type { Scratch } from '../add/ingest.js';
import type { OperationContext } from '../context.js';
import type { Session } from '../transfer/session.js';

/** A file on its way into the work tree. */
export interface Incoming {
  /** Absolute; gone in the end, unless it is to be kept. */
  readonly file: ByteString;
  readonly stats: Stats;
  /** Relative to the top. */
  readonly path: ByteString;
  /** To people. */
  readonly shown: ByteString;
}

export interface BringInOptions {
  readonly top: ByteString;
  readonly cwd: ByteString;
  readonly backend: ByteString | undefined;
  readonly includeIgnored: boolean;
  readonly keep: boolean;
  readonly scratch: Scratch;
}

/**
 * Puts files into the work tree and adds them as `add` does. What had to be copied from another file system is deleted there
 * only when it was added. Gives the number that failed.
 */
export async function bringIn(
  session: Session,
  incoming: readonly Incoming[],
  options: BringInOptions,
): Promise<number> {
  const copied = new Map<ByteString, ByteString>();
  const placed: Incoming[] = [];
  let failed = 0;
  for (const one of incoming) {
    try {
      if (place(one, options)) copied.set(one.shown, one.file);
      placed.push(one);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      failed++;
      const action = { command: 'import', file: one.shown, input: [] };
      const errors = [(error as Error).message];
      session.context.emit({ type: 'end', action, success: false, errors });
    }
  }
  if (placed.length === 0) return failed;
  const added = (shown: ByteString): void => {
    const file = copied.get(shown);
    if (file !== undefined && !options.keep) rmSync(toPath(file), { force: true });
  };
  const request = {
    operands: placed.map(({ path }) => `${options.top}/${path}` as ByteString),
    cwd: options.cwd,
    includeIgnored: options.includeIgnored,
    trackedOnly: false,
    forceLarge: false,
    forceSmall: false,
    dryRun: false,
    backend: options.backend,
    matching: [],
  };
  const outcome = await add(session.here, request, asImport(session.context, added));
  return failed + outcome.failed;
}

/** Whether the file is still at its old place too. An existing file is replaced. */
function place({ file, path, stats }: Incoming, { top, keep, scratch }: BringInOptions): boolean {
  const target = `${top}/${path}` as ByteString;
  mkdirSync(toPath(dirname(target) as ByteString), { recursive: true });
  if (!keep) {
    try {
      renameSync(toPath(file), toPath(target));
      return false;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    }
  }
  const copy = scratch();
  try {
    copyFileSync(toPath(file), toPath(copy), constants.COPYFILE_FICLONE);
    utimesSync(toPath(copy), stats.atimeMs / 1000, stats.mtimeMs / 1000);
    if (lstatSync(toPath(copy)).size !== lstatSync(toPath(file)).size) throw changed();
    renameSync(toPath(copy), toPath(target));
  } catch (error) {
    rmSync(toPath(copy), { force: true });
    throw error;
  }
  return true;
}

function changed(): Error {
  return Object.assign(new Error('the file changed while it was being copied'), { code: 'EBUSY' });
}

/** Tells additions as imports. */
function asImport(context: OperationContext, added: (shown: ByteString) => void): OperationContext {
  const actions = new Map<Action, Action>();
  const renamed = (action: Action): Action => {
    const known = actions.get(action) ?? { ...action, command: 'import', input: [] };
    actions.set(action, known);
    return known;
  };
  return {
    ...context,
    emit(event) {
      if (!('action' in event) || event.action === undefined) return context.emit(event);
      const action = renamed(event.action);
      if (event.type === 'end' && event.success && action.file !== undefined) added(action.file);
      if (event.type === 'end') actions.delete(event.action);
      context.emit({ ...event, action });
    },
  };
}
