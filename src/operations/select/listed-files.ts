import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import type { Git, GitEntry } from '../../repository/git/git.js';
import type { Operand } from './operands.js';

/** An index entry and the operand that led to it; undefined operand: none was given. */
export interface ListedFile {
  readonly entry: GitEntry;
  readonly operand: Operand | undefined;
}

/**
 * The index entries at and below the operands, in the order of the operands, each once. Nothing given: those below
 * `directory`.
 * @param unknown told git's sentence for operands that git does not know
 */
export async function* listedFiles(
  git: Git,
  operands: readonly Operand[],
  directory: ByteString,
  unknown: (operands: readonly Operand[]) => void,
): AsyncGenerator<ListedFile> {
  if (operands.length === 0) {
    for await (const entry of eachOnce(git, directory === '' ? [] : [directory]))
      yield { entry, operand: undefined };
    return;
  }
  if (operands.length === 1) {
    const [operand] = operands as [Operand];
    let found = false;
    for await (const entry of eachOnce(git, operand.path === '' ? [] : [operand.path])) {
      found = true;
      yield { entry, operand };
    }
    if (!found) unknown(operands);
    return;
  }
  yield* inOperandOrder(git, operands, unknown);
}

/** Entries come in index order; they are held until their operand's turn comes. */
async function* inOperandOrder(
  git: Git,
  operands: readonly Operand[],
  unknown: (operands: readonly Operand[]) => void,
): AsyncGenerator<ListedFile> {
  const index = indexOperands(operands);
  const groups = operands.map((): GitEntry[] => []);
  for await (const entry of eachOnce(git, index.paths)) {
    const first = index.ownerOf(entry.path);
    if (first !== undefined) groups[first]?.push(entry);
  }
  const missing = operands.filter(({ path }) => !index.met.has(path));
  if (missing.length > 0) unknown(missing);
  for (const [i, operand] of operands.entries()) {
    for (const entry of groups[i] as GitEntry[]) yield { entry, operand };
    groups[i] = [];
  }
}

/** Finds the operand that a path is at or below. */
export interface OperandIndex {
  /** What to ask git for; empty: everything. */
  readonly paths: readonly ByteString[];
  /** The first operand that led to the path. */
  ownerOf(path: ByteString): number | undefined;
  /** The operands' paths that `ownerOf` came upon. */
  readonly met: ReadonlySet<string>;
}

export function indexOperands(operands: readonly Operand[]): OperandIndex {
  const orders = new Map<string, number>();
  operands.forEach(({ path }, order) => {
    if (!orders.has(path)) orders.set(path, order);
  });
  const met = new Set<string>();
  return {
    paths: orders.has('') ? [] : ([...orders.keys()] as ByteString[]),
    met,
    ownerOf(path) {
      let first: number | undefined;
      for (const ancestor of ancestors(path)) {
        const order = orders.get(ancestor);
        if (order === undefined) continue;
        met.add(ancestor);
        first = Math.min(first ?? order, order);
      }
      return first;
    },
  };
}

/** A path, its directories, and the top. */
function* ancestors(path: string): Generator<string> {
  for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at);
  yield '';
}

/** Unmerged entries come once a stage, overlapping paths several times: the first counts. */
async function* eachOnce(git: Git, paths: readonly ByteString[]): AsyncGenerator<GitEntry> {
  const mayRepeat = paths.length > 1;
  const seen = new Set<string>();
  let last: ByteString | undefined;
  for await (const entry of git.index(paths)) {
    if (entry.path === last || (mayRepeat && seen.has(entry.path))) continue;
    last = entry.path;
    if (mayRepeat) seen.add(entry.path);
    yield entry;
  }
}

/** git's words for paths it does not know. */
export function unknownPaths(operands: readonly Operand[]): string {
  const lines = operands.map(
    ({ given }) => `error: pathspec '${toText(given)}' did not match any file(s) known to git`,
  );
  return [...lines, "Did you forget to 'git add'?"].join('\n');
}
