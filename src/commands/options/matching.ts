import { Flags } from '@oclif/core';
import type { ByteString } from '../../lib/bytes.js';

/**
 * One matching option as given; their order makes the expression. `name` is the long option's name, or `(` or `)`.
 */
export interface MatchingToken {
  readonly name: MatchingName;
  /** Undefined for options that take no value. */
  readonly value: ByteString | undefined;
}

const GROUP = 'MATCHING';

const term = (description: string, helpValue: string, char?: MatchingChar) =>
  Flags.string({ description, helpValue, helpGroup: GROUP, multiple: true, ...(char ? { char } : {}) });
const word = (description: string) => Flags.boolean({ description, helpGroup: GROUP });
type MatchingChar = 'i' | 'C' | 'B' | 'x' | 'I';

/** The options that join terms; `-(` and `-)` belong to them, but are no options that oclif can declare. */
const joining = {
  not: word('negate the next matching option'),
  and: word('both the previous and the next matching option must match (the default)'),
  or: word('either the previous or the next matching option must match'),
};

/** Terms on names and sizes alone, which also make sense for files that are not annexed yet (`add`, `import`). */
const fileTerms = {
  exclude: term('skip files matching the glob pattern', 'GLOB', 'x'),
  include: term('limit to files matching the glob pattern', 'GLOB', 'I'),
  excludesamecontent: term('skip files whose content is that of another file matching the glob', 'GLOB'),
  includesamecontent: term('limit to files whose content is that of another file matching the glob', 'GLOB'),
  largerthan: term('match files larger than a size', 'SIZE'),
  smallerthan: term('match files smaller than a size', 'SIZE'),
};

/** Terms on keys and where they are. */
const keyTerms = {
  in: term('match files present in a repository', 'REMOTE', 'i'),
  copies: term('match files with that many copies or more', 'NUMBER', 'C'),
  lackingcopies: term('match files that need that many more copies', 'NUMBER'),
  approxlackingcopies: term('match files that need more copies (faster)', 'NUMBER'),
  inbackend: term('match files using a key-value backend', 'NAME', 'B'),
  securehash: word('match files using a cryptographically secure hash'),
  inallgroup: term('match files present in all repositories in a group', 'GROUP'),
  onlyingroup: term('match files present in repositories of the group only', 'GROUP'),
  metadata: term('match files with attached metadata', 'FIELD=GLOB'),
  'want-get': word('match files the local repository wants to get'),
  'want-get-by': term('match files the repository wants to get', 'REMOTE'),
  'want-drop': word('match files the local repository wants to drop'),
  'want-drop-by': term('match files the repository wants to drop', 'REMOTE'),
  accessedwithin: term('match files accessed within a time interval', 'TIME'),
  mimetype: term('match files by mime type', 'GLOB'),
  mimeencoding: term('match files by mime encoding', 'GLOB'),
  unlocked: word('match files that are unlocked'),
  locked: word('match files that are locked'),
  present: word('match files whose content is here'),
  'expected-present': word('match files whose content is expected to be here'),
  anything: word('match all files'),
  nothing: word('match no files'),
};

/** For commands that act on files which need not be annexed (`add`, `import`, `addurl`). */
export const fileMatchingFlags = { ...fileTerms, ...joining };

/** For commands that act on annexed files or keys. */
export const matchingFlags = { ...keyTerms, ...fileTerms, ...joining };

/** Every name a `MatchingToken` can have. */
export type MatchingName = keyof typeof matchingFlags | '(' | ')';

/** Whether a declared flag is one of the matching options. */
export function isMatchingName(name: string): name is keyof typeof matchingFlags {
  return Object.hasOwn(matchingFlags, name);
}
