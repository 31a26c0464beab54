import type { ByteString } from '../../lib/bytes.js';

/**
 * The union of two versions of a file of the git-annex branch, with the result that git-annex's merge has: where one
 * version holds every line of the other it is taken as it is (ours first), else all distinct lines in byte order.
 * Old lines stay: the readers of the logs take the newest. Every kind of log is merged this way.
 */
export function unionMerge(ours: ByteString, theirs: ByteString): ByteString {
  if (ours === theirs) return ours;
  const ourLines = new Set(linesOf(ours));
  const theirLines = new Set(linesOf(theirs));
  if (isSubset(theirLines, ourLines)) return ours;
  if (isSubset(ourLines, theirLines)) return theirs;
  for (const line of theirLines) ourLines.add(line);
  return `${[...ourLines].sort().join('\n')}\n` as ByteString;
}

/**
 * The union of any number of versions, ours first. git-annex merges several refs into its own branch from the last in
 * its list to the first, which only shows where versions have the same lines in another order.
 */
export function unionMergeAll(ours: ByteString, others: Iterable<ByteString>): ByteString {
  let merged = ours;
  for (const other of others) merged = unionMerge(merged, other);
  return merged;
}

function linesOf(content: ByteString): string[] {
  if (content === '') return [];
  const lines = content.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function isSubset(small: Set<string>, large: Set<string>): boolean {
  if (small.size > large.size) return false;
  for (const line of small) if (!large.has(line)) return false;
  return true;
}
