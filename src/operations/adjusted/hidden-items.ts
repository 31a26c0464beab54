import type { AdjustedBranch } from '../../domain/adjusted-branch.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git, GitEntry } from '../../repository/git/git.js';
import type { Item } from '../select/item.js';
import { annexedEntries } from '../select/keys-of-entries.js';
import { basisOf } from './basis.js';

/** The annexed files of the original branch that an adjusted branch hides: those that the index has not. */
export async function* hiddenItems(git: Git, branch: AdjustedBranch): AsyncGenerator<Item> {
  if (branch.adjustment.presence !== 'hidemissing') return;
  const basis = await basisOf(git, branch);
  for await (const { listed, key, unlocked } of annexedEntries(git, missingInIndex(git, basis))) {
    const { path } = listed.entry;
    yield { key, path, shown: path, input: [path], unlocked };
  }
}

async function* missingInIndex(git: Git, tree: ByteString): AsyncGenerator<{ entry: GitEntry }> {
  const args = ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', '--diff-filter=D'];
  let before: { mode: ByteString; sha: ByteString } | undefined;
  for await (const record of git.records([...args, tree], '\0')) {
    if (before === undefined) {
      const [mode = '', , sha = ''] = record.slice(1).split(' ');
      before = { mode: mode as ByteString, sha: sha as ByteString };
    } else {
      yield { entry: { ...before, path: record } };
      before = undefined;
    }
  }
}
