import { rmSync } from 'node:fs';
import type { Emit } from '../../domain/events.js';
import { defaultExtensionLimits } from '../../domain/extension.js';
import { keyLogPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import { parseMetadata } from '../../domain/logs/metadata-log.js';
import { foldField, shownMetadata } from '../../domain/metadata.js';
import { symlinkTarget } from '../../domain/pointers.js';
import { type View, viewBranch } from '../../domain/views/view.js';
import {
  createViewPaths,
  locationFields,
  pathOfViewedName,
  viewedName,
} from '../../domain/views/view-paths.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { inBatches } from '../../lib/in-batches.js';
import { commitTree } from '../../repository/branch/commit-tree.js';
import type { GitEntry } from '../../repository/git/git.js';
import { isTreePath } from '../../repository/git/tree-update.js';
import type { Repository } from '../../repository/repository.js';
import { annexedEntries } from '../select/keys-of-entries.js';

/** A file that may be in a view. */
interface ViewedFile {
  readonly key: Key;
  /** Its name in the view, and the path in the branch which that tells. */
  readonly name: ByteString;
  readonly path: ByteString;
}

const BATCH = { items: 2048, linger: 20 };

/**
 * Commits the view of the files in git's index to its branch, without checking it out. Gives the branch.
 * @param narrows whether the index is that of a view already, whose names stay
 */
export async function makeViewBranch(
  here: Repository,
  view: View,
  narrows: boolean,
  emit: Emit,
): Promise<ByteString> {
  const { git } = here;
  const branch = viewBranch(view);
  const index = `${here.annexDir}/viewindex` as ByteString;
  const env = { GIT_INDEX_FILE: toText(index) };
  rmSync(toPath(index), { force: true });
  await git.run(['read-tree', '--empty'], { env });
  for await (const entries of viewEntries(here, view, narrows, emit)) {
    const input = entries.map(({ mode, sha, path }) => `${mode} ${sha}\t${path}\0`).join('') as ByteString;
    await git.run(['update-index', '-z', '--index-info'], { env, input });
  }
  const tree = (await git.run(['write-tree'], { env })).stdout.trimEnd() as ByteString;
  rmSync(toPath(index), { force: true });
  const commit = await commitTree(git, tree, [], `${branch}\n` as ByteString);
  await git.run(['update-ref', branch, commit]);
  return branch;
}

async function* viewEntries(
  here: Repository,
  view: View,
  narrows: boolean,
  emit: Emit,
): AsyncGenerator<GitEntry[]> {
  const paths = createViewPaths(view);
  const plain: GitEntry[] = [];
  for await (const batch of inBatches(viewedFiles(here, narrows, plain), BATCH)) {
    const places: { key: Key; path: ByteString }[] = [];
    let i = 0;
    const logs = batch.map(({ key }) => keyLogPath(key, 'metadata'));
    for await (const { content } of here.branch.readMany(logs)) {
      const { key, name, path } = batch[i++] as ViewedFile;
      const fields = new Map(locationFields(path));
      for (const [field, values] of shownMetadata(parseMetadata(content)))
        fields.set(foldField(field), values);
      for (const directory of paths.directories(fields)) {
        const place = (directory === '' ? name : `${directory}/${name}`) as ByteString;
        if (isTreePath(place)) places.push({ key, path: place });
        else emit({ type: 'warning', text: `Ignoring path ${toText(place)}` });
      }
    }
    yield await linkEntries(here, places);
  }
  yield plain;
}

async function linkEntries(
  { git }: Repository,
  places: readonly { readonly key: Key; readonly path: ByteString }[],
): Promise<GitEntry[]> {
  const links = places.map(({ key, path }) => ({ type: 'blob' as const, content: symlinkTarget(key, path) }));
  const names = await git.writeObjects(links);
  const mode = '120000' as ByteString;
  return places.map(({ path }, i) => ({ mode, sha: names[i] as ByteString, path }));
}

/** @param plain gets files of git's own in dot files and dot directories at the top, which stay in every view */
async function* viewedFiles(
  { git, settings }: Repository,
  narrows: boolean,
  plain: GitEntry[],
): AsyncGenerator<ViewedFile> {
  const limits = {
    length: settings.int('annex.maxextensionlength', defaultExtensionLimits.length),
    count: settings.int('annex.maxextensions', defaultExtensionLimits.count),
  };
  const hidden = new Map<ByteString, GitEntry>();
  const entries = async function* () {
    for await (const entry of git.index([])) {
      if (entry.stage !== 0) continue;
      if (entry.path.startsWith('.')) hidden.set(entry.path, entry);
      yield { entry };
    }
  };
  for await (const { listed, key } of annexedEntries(git, entries())) {
    const { path } = listed.entry;
    hidden.delete(path);
    const name = narrows ? (path.slice(path.lastIndexOf('/') + 1) as ByteString) : viewedName(path, limits);
    yield { key, name, path: narrows ? pathOfViewedName(name) : path };
  }
  plain.push(...hidden.values());
}
