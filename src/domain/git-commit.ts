import type { ByteString } from '../lib/bytes.js';
import { trimEnd } from '../lib/words.js';

/** A commit object, as far as it is copied from one branch to another. */
export interface GitCommit {
  readonly tree: ByteString;
  readonly parents: readonly ByteString[];
  /** `NAME <EMAIL> SECONDS ZONE` */
  readonly author: ByteString;
  readonly committer: ByteString;
  /** Of the message, where it is not UTF-8. */
  readonly encoding?: ByteString | undefined;
  readonly message: ByteString;
}

/** Reads the content of a commit object; undefined when it is not one. Headers that are of no use in a copy (signatures) are left out. */
export function parseGitCommit(content: ByteString): GitCommit | undefined {
  const end = content.indexOf('\n\n');
  const header = end < 0 ? trimEnd(content) : content.slice(0, end);
  const values = (name: string): ByteString[] =>
    header
      .split('\n')
      .filter((line) => line.startsWith(`${name} `))
      .map((line) => line.slice(name.length + 1) as ByteString);
  const [tree] = values('tree');
  const [author] = values('author');
  const [committer] = values('committer');
  if (tree === undefined || author === undefined || committer === undefined) return undefined;
  const message = (end < 0 ? '' : content.slice(end + 2)) as ByteString;
  return { tree, parents: values('parent'), author, committer, encoding: values('encoding')[0], message };
}

/** The content of a commit object. */
export function buildGitCommit(commit: GitCommit): ByteString {
  const { tree, parents, author, committer, encoding, message } = commit;
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${author}`,
    `committer ${committer}`,
    ...(encoding === undefined ? [] : [`encoding ${encoding}`]),
  ];
  return `${lines.join('\n')}\n\n${message}` as ByteString;
}
