import { locationLogPath } from '../../domain/hash-directories.js';
import type { ByteString } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import type { Item } from '../select/item.js';

/** An item with what the git-annex branch says of where its content is. */
export type LoggedItem = Item & { readonly log: ByteString };

/**
 * Items with their location logs, in order. They are read ahead through one child process, unless `interactive`: then a
 * user waits for the answer to each.
 */
export function withLogs(
  branch: AnnexBranch,
  items: AsyncIterable<Item>,
  interactive = false,
): AsyncGenerator<LoggedItem> {
  return interactive ? oneByOne(branch, items) : readAhead(branch, items);
}

async function* oneByOne(branch: AnnexBranch, items: AsyncIterable<Item>): AsyncGenerator<LoggedItem> {
  for await (const item of items) {
    yield { ...item, log: item.log ?? (await branch.read(locationLogPath(item.key))) };
  }
}

async function* readAhead(branch: AnnexBranch, items: AsyncIterable<Item>): AsyncGenerator<LoggedItem> {
  const source = items[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done) return;
  const all = async function* (): AsyncGenerator<Item> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => source };
  };
  // A selection gives the logs with all its items or with none.
  if (first.value.log !== undefined) {
    for await (const item of all()) yield item as LoggedItem;
    return;
  }
  const asked: Item[] = [];
  const paths = async function* (): AsyncGenerator<ByteString> {
    for await (const item of all()) {
      asked.push(item);
      yield locationLogPath(item.key);
    }
  };
  for await (const { content } of branch.readMany(paths()))
    yield { ...(asked.shift() as Item), log: content };
}
