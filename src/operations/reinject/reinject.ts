import { lstatSync } from 'node:fs';
import { basename } from 'node:path/posix';
import { AnnexError } from '../../domain/errors.js';
import { locationLogPath } from '../../domain/hash-directories.js';
import { type Key, parseKeyFileName } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import { createKeyMaker, type KeyMaker, usualBackend } from '../add/make-key.js';
import { openScratch, type ScratchFolder } from '../add/scratch.js';
import { attempt } from '../attempt.js';
import type { OperationContext, Outcome } from '../context.js';
import { keyOfFile } from '../from-key/key-files.js';
import { readOperand } from '../select/operands.js';
import { fileItem } from '../select/select.js';
import { recordState } from '../settings-log/record-state.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import { takeContent } from './take-content.js';

export interface ReinjectRequest {
  /** `into`: source and destination in turn; else sources. */
  readonly mode: 'into' | 'known' | 'guess';
  readonly operands: readonly ByteString[];
  readonly backend: ByteString | undefined;
  /** Absolute. */
  readonly cwd: ByteString;
}

interface Run {
  readonly here: Repository;
  readonly request: ReinjectRequest;
  readonly context: OperationContext;
  readonly scratch: ScratchFolder;
  readonly maker: KeyMaker | undefined;
}

/** Moves contents that came back from elsewhere into the annex: `reinject`. What is not recognised stays where it is. */
export async function reinject(
  here: Repository,
  request: ReinjectRequest,
  context: OperationContext,
): Promise<Outcome> {
  const { mode, operands } = request;
  if (mode === 'into' && operands.length % 2 !== 0) throw new AnnexError('usage', 'expected pairs');
  const backend = request.backend ?? usualBackend(here.settings);
  const maker = mode === 'known' ? await createKeyMaker(backend, here.settings) : undefined;
  const scratch = await openScratch(here.annexDir, context.signal);
  const run: Run = { here, request, context, scratch, maker };
  let failed = 0;
  try {
    const step = mode === 'into' ? 2 : 1;
    for (let i = 0; i < operands.length; i += step) {
      context.signal.throwIfAborted();
      const words = operands.slice(i, i + step);
      const source = words[0] as ByteString;
      const running = createRunningAction(
        { command: 'reinject', subject: source, input: words },
        context.emit,
      );
      const ok = await attempt(running, async () => {
        const file = absolute(source, request.cwd);
        await assertNotAnnexed(run, source, file);
        await injectOne(run, running, source, file, words[1]);
        return undefined;
      });
      if (!ok) failed++;
    }
  } finally {
    await here.unlocked.flush();
    scratch.release();
    await recordState(here, context.emit);
  }
  return { failed, stoppedByLimit: false };
}

async function injectOne(
  run: Run,
  running: RunningAction,
  source: ByteString,
  file: ByteString,
  destination: ByteString | undefined,
): Promise<void> {
  if (run.request.mode === 'into') return injectInto(run, running, source, file, destination as ByteString);
  if (run.request.mode === 'known') return injectKnown(run, running, file);
  const key = parseKeyFileName(basename(file));
  if (key === undefined) return remark(run, running, 'Not named like an object file; skipping');
  await assertContent(run, running, key, file, `${toText(source)} does not have expected content`);
  await takeContent(run.here, key, file, run.scratch.name);
}

async function injectInto(
  run: Run,
  running: RunningAction,
  source: ByteString,
  file: ByteString,
  destination: ByteString,
): Promise<void> {
  const item = await fileItem(run.here, run.request.cwd, destination);
  if (item === undefined) throw new AnnexError('unknown-file', `${toText(source)} is not an annexed file`);
  const wrong = `${toText(source)} does not have expected content of ${toText(destination)}`;
  await assertContent(run, running, item.key, file, wrong);
  await takeContent(run.here, item.key, file, run.scratch.name);
}

/** A content is known that some repository has, or had once. */
async function injectKnown(run: Run, running: RunningAction, file: ByteString): Promise<void> {
  if (!lstatSync(toPath(file)).isFile()) throw new AnnexError('unknown-file', 'this is not a regular file');
  const maker = run.maker as KeyMaker;
  const key = await maker.make(file, basename(file) as ByteString, { signal: run.context.signal });
  const known = (await run.here.branch.read(locationLogPath(key))) !== '';
  if (!known) return remark(run, running, 'Not known content; skipping');
  await takeContent(run.here, key, file, run.scratch.name);
}

function remark({ context }: Run, { action }: RunningAction, text: string): void {
  context.emit({ type: 'problem', action, message: [text] });
}

async function assertContent(
  { here }: Run,
  running: RunningAction,
  key: Key,
  file: ByteString,
  wrong: string,
): Promise<void> {
  if (lstatSync(toPath(file), { throwIfNoEntry: false })?.isFile() !== true) {
    throw new AnnexError('content-corrupt', wrong);
  }
  const answer = await here.objects.verify(key, file);
  if (answer === false) throw new AnnexError('content-corrupt', wrong);
  if (answer !== undefined) running.note('checksum...');
}

async function assertNotAnnexed({ here, request }: Run, source: ByteString, file: ByteString): Promise<void> {
  const top = here.location.workTree;
  if (top === undefined || lstatSync(toPath(file), { throwIfNoEntry: false }) === undefined) return;
  try {
    readOperand(source, request.cwd, top);
  } catch {
    return;
  }
  if ((await keyOfFile(here, file)) !== undefined) {
    throw new AnnexError('usage', `cannot used annexed file as src: ${toText(source)}`);
  }
}

export function absolute(path: ByteString, cwd: ByteString): ByteString {
  return path.startsWith('/') ? path : (`${cwd}/${path}` as ByteString);
}
