import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../git/git.js';
import type { BranchFile } from './annex-branch.js';
import type { BranchView } from './branch-view.js';

/** Every file that `wanted` accepts: those in a journal first, then the rest in one pass over the tree. */
export async function* readAllFiles(
  git: Git,
  view: BranchView,
  wanted: (path: ByteString) => boolean,
): AsyncGenerator<BranchFile> {
  const done = view.journalled();
  for (const path of done) {
    if (!wanted(path)) continue;
    const content = await view.all(path);
    if (content !== '') yield { path, content };
  }
  const [only, ...more] = view.commits;
  if (only === undefined) return;
  if (more.length === 0) yield* readTreeFiles(git, only, (path) => !done.has(path) && wanted(path));
  else yield* readJoined(git, view, done, wanted);
}

async function* readTreeFiles(
  git: Git,
  commit: ByteString,
  wanted: (path: ByteString) => boolean,
): AsyncGenerator<BranchFile> {
  const asked: ByteString[] = [];
  let next = 0;
  async function* shas(): AsyncGenerator<ByteString> {
    for await (const { path, sha, mode } of git.tree(commit)) {
      if (!mode.startsWith('100') || !wanted(path)) continue;
      asked.push(path);
      yield sha;
    }
  }
  for await (const object of git.objects(shas())) {
    const path = asked[next++] as ByteString;
    if (next > 1024) {
      asked.splice(0, next);
      next = 0;
    }
    if (object?.type === 'blob') yield { path, content: object.content };
  }
}

/** Several branches read side by side, since they may not be merged. */
async function* readJoined(
  git: Git,
  view: BranchView,
  done: Set<ByteString>,
  wanted: (path: ByteString) => boolean,
): AsyncGenerator<BranchFile> {
  for (const commit of view.commits) {
    for await (const { path, mode } of git.tree(commit)) {
      if (!mode.startsWith('100') || done.has(path) || !wanted(path)) continue;
      done.add(path);
      yield { path, content: await view.all(path) };
    }
  }
}
