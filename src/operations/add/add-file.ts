import { readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { parseSymlink, pointerContent, symlinkTarget } from '../../domain/pointers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import type { AddRun } from './add-run.js';
import type { Candidate } from './candidates.js';
import type { Destiny } from './classify.js';
import { ingestLocked, ingestThin, ingestUnlocked } from './ingest.js';
import type { Staged } from './stage.js';

/** A file on its way, and what is to be staged of it. */
export interface Addition {
  readonly candidate: Candidate;
  readonly running: RunningAction;
  key?: Key;
  staged?: Staged;
  /** Its content goes into git by `git add`. */
  toGit?: boolean;
  unlocked?: boolean;
}

/** Takes one file to where it belongs; nothing is staged or recorded yet. Undefined: it failed, and that was said. */
export async function addFile(
  run: AddRun,
  candidate: Candidate,
  destiny: Exclude<Destiny, { kind: 'nothing' }>,
): Promise<Addition | undefined> {
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
function addLink(run: AddRun, addition: Addition): void {
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
  run: AddRun,
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
    const thin = repository.settings.bool('annex.thin', false);
    if (!thin || !(await ingestThin(repository.objects, ingest, scratch.name))) {
      await ingestUnlocked(repository.objects, ingest, scratch.name);
    }
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
