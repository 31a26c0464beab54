import { type AnnexedEntry, adjustEntry, adjustsMode } from '../../domain/adjust-file.js';
import type { Adjustment } from '../../domain/adjusted-branch.js';
import { maxPointerSize, parsePointer, parseSymlink } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git, GitEntry } from '../../repository/git/git.js';
import { createObjectSink, type ObjectSink } from '../../repository/git/object-sink.js';
import { type Rewritten, rewriteTree } from '../../repository/git/tree-rewrite.js';
import type { Repository } from '../../repository/repository.js';

type Part = Pick<Repository, 'git' | 'objects'>;

/** Makes the tree that presents `tree` as the adjustment says; gives its sha. */
export async function adjustTree(
  repository: Part,
  adjustment: Adjustment,
  tree: ByteString,
): Promise<ByteString> {
  const sink = await createObjectSink(repository.git);
  const sha = await rewriteTree(
    repository.git,
    sink,
    tree,
    (mode) => adjustsMode(adjustment, mode),
    (files) => adjustFiles(repository, sink, adjustment, files),
  );
  await sink.flush();
  return sha;
}

/** What the adjustment makes of files, in the order given. New blobs go into the sink. */
export async function adjustFiles(
  { git, objects }: Part,
  sink: ObjectSink,
  adjustment: Adjustment,
  files: readonly GitEntry[],
): Promise<Rewritten[]> {
  const wanted = files.filter(({ mode }) => adjustsMode(adjustment, mode));
  const contents = await smallContents(git, wanted);
  return files.map((file): Rewritten => {
    const content = adjustsMode(adjustment, file.mode) ? contents.get(file.sha) : undefined;
    const entry = content === undefined ? undefined : annexedEntry(file, content);
    if (entry === undefined) return 'kept';
    const becomes = adjustEntry(adjustment, entry, (key) => objects.locate(key) !== undefined);
    if (becomes === 'kept') return 'kept';
    if (becomes === 'hidden') return 'removed';
    return { mode: becomes.mode, sha: sink.add('blob', becomes.content) };
  });
}

function annexedEntry(file: GitEntry, content: ByteString): AnnexedEntry | undefined {
  const key = file.mode === '120000' ? parseSymlink(content) : parsePointer(content);
  return key === undefined ? undefined : { mode: file.mode, path: file.path, key, content };
}

/** The contents of links, and of files that are small enough to be pointers. */
async function smallContents(git: Git, files: readonly GitEntry[]): Promise<Map<ByteString, ByteString>> {
  const names: ByteString[] = [];
  const plain: ByteString[] = [];
  for (const { mode, sha } of files) (mode === '120000' ? names : plain).push(sha);
  if (plain.length > 0) {
    for await (const info of git.objectInfo(plain)) {
      if (info !== undefined && info.size <= maxPointerSize) names.push(info.sha);
    }
  }
  const contents = new Map<ByteString, ByteString>();
  for await (const object of git.objects(names)) {
    if (object !== undefined) contents.set(object.sha, object.content);
  }
  return contents;
}
