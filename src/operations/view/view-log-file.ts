import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { sameView, type View, viewBranch } from '../../domain/views/view.js';
import { formatViewLog, parseViewLog } from '../../domain/views/view-log.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';

/** Views that are remembered, as many as git-annex does. */
const MOST = 100;

/** The views that were entered and not left again, the latest first. */
export function readViews(annexDir: ByteString): View[] {
  try {
    return parseViewLog(fromBuffer(readFileSync(toPath(pathIn(annexDir)))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Puts a view first. */
export function rememberView(annexDir: ByteString, view: View): void {
  const others = readViews(annexDir).filter((one) => !sameView(one, view));
  writeViews(annexDir, [view, ...others].slice(0, MOST));
}

export function forgetViews(annexDir: ByteString, views: readonly View[]): void {
  writeViews(
    annexDir,
    readViews(annexDir).filter((one) => !views.some((view) => sameView(one, view))),
  );
}

/** The view whose branch is checked out. */
export function viewOfBranch(annexDir: ByteString, ref: ByteString): View | undefined {
  if (!ref.startsWith('refs/heads/views/')) return undefined;
  return readViews(annexDir).find((view) => viewBranch(view) === ref);
}

function writeViews(annexDir: ByteString, views: readonly View[]): void {
  const fresh = toPath(`${pathIn(annexDir)}.${process.pid}` as ByteString);
  writeFileSync(fresh, toBuffer(formatViewLog(views)));
  renameSync(fresh, toPath(pathIn(annexDir)));
}

const pathIn = (annexDir: ByteString) => `${annexDir}/viewlog` as ByteString;
