import { locationLogPath } from '../../domain/hash-directories.js';
import type { ByteString } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import type { Item } from '../select/item.js';

/** An item with what the git-annex branch says of where its content is. */
export type LoggedItem = Item & { readonly log: ByteString };

/** Adds the location logs to items that lack them, in order, read ahead through one child process. */
export async function* withLogs(branch: AnnexBranch, items: AsyncIterable<Item>): AsyncGenerator<LoggedItem> {
  const asked: Item[] = [];
  const known: LoggedItem[] = [];
  const paths = async function* (): AsyncGenerator<ByteString> {
    for await (const item of items) {
      if (item.log !== undefined) {
        known.push(item as LoggedItem);
        continue;
      }
      asked.push(item);
      yield locationLogPath(item.key);
    }
  };
  for await (const { content } of branch.readMany(paths())) {
    yield* known.splice(0);
    yield { ...(asked.shift() as Item), log: content };
  }
  yield* known.splice(0);
}
