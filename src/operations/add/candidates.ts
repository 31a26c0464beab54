import { lstatSync, type Stats } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Git } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import { indexOperands } from '../select/listed-files.js';
import { directoryBelow, type Operand } from '../select/operands.js';

/** A work tree file that may be added. */
export interface Candidate {
  /** Relative to the top. */
  readonly path: ByteString;
  readonly stats: Stats;
  /** What the user gave that led here; undefined: nothing was given. */
  readonly operand: Operand | undefined;
  /** Whether git knows a file of this name; undefined: as far as nobody looked. */
  readonly tracked?: boolean;
}

export interface CandidateOptions {
  /** Absolute. */
  readonly top: ByteString;
  readonly cwd: ByteString;
  readonly includeIgnored: boolean;
  /** `--update`: only files that git knows. */
  readonly trackedOnly: boolean;
}

/**
 * Files that differ from what git has: new ones, modified ones, and those whose kind was changed but not committed
 * (an unlocked file that is to be locked again). Each once, as git lists them; new ones in the order of the operands.
 */
export async function* candidates(
  repository: Repository,
  operands: readonly Operand[],
  options: CandidateOptions,
): AsyncGenerator<Candidate> {
  const index = indexOperands(operands);
  const directory = directoryBelow(options.cwd, options.top);
  const paths = operands.length > 0 ? index.paths : directory === '' ? [] : [directory];
  const seen = new Set<ByteString>();
  for (const { list, tracked } of lists(repository.git, paths, options)) {
    const groups = operands.map((): Candidate[] => []);
    for await (const path of list) {
      if (seen.has(path)) continue;
      const stats = lstatSync(toPath(`${options.top}/${path}` as ByteString), { throwIfNoEntry: false });
      if (stats === undefined || !(stats.isFile() || stats.isSymbolicLink())) continue;
      seen.add(path);
      const owner = operands.length > 0 ? index.ownerOf(path) : undefined;
      const operand = owner === undefined ? undefined : operands[owner];
      const candidate: Candidate = { path, stats, operand, tracked };
      if (operands.length < 2 || owner === undefined) yield candidate;
      else groups[owner]?.push(candidate);
    }
    for (const group of groups) yield* group;
  }
}

function* lists(
  git: Git,
  paths: readonly ByteString[],
  options: CandidateOptions,
): Generator<{ list: AsyncIterable<ByteString>; tracked: boolean }> {
  const below = ['--', ...paths];
  const unignored = options.includeIgnored ? [] : ['--exclude-standard'];
  if (!options.trackedOnly) {
    const list = git.records(['ls-files', '-z', '--others', ...unignored, ...below], '\0');
    yield { list, tracked: false };
  }
  yield { list: git.records(['ls-files', '-z', '--modified', ...below], '\0'), tracked: true };
  yield { list: changedKinds(git, below), tracked: true };
}

async function* changedKinds(git: Git, below: readonly (string | ByteString)[]): AsyncGenerator<ByteString> {
  if ((await git.resolve('HEAD')) === undefined) return;
  yield* git.records(['diff', '--cached', '--name-only', '--diff-filter=T', '-z', ...below], '\0');
}
