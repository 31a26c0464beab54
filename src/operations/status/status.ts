import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { directoryBelow, readOperand, shownFrom } from '../select/operands.js';

export interface StatusRequest {
  readonly operands: readonly ByteString[];
  /** Absolute. */
  readonly cwd: ByteString;
  /** Passed on to git. */
  readonly ignoreSubmodules?: string | undefined;
  /** What is printed of a letter and a name; undefined: JSON records. */
  readonly print?: ((letter: string, name: ByteString) => ByteString) | undefined;
}

/**
 * Shows which files git would commit or does not know: `status`. One letter a file: that of the work tree, or where there
 * is no difference that of the index. Renames alone are not shown, as git-annex does it.
 */
export async function status(
  { git, location }: Repository,
  request: StatusRequest,
  { emit }: OperationContext,
): Promise<Outcome> {
  const top = location.workTree as ByteString;
  const directory = directoryBelow(request.cwd, top);
  const shown = shownFrom(directory);
  const show = (path: ByteString) => (directory === '' ? (`./${path}` as ByteString) : shown(path));
  const paths = request.operands.map((given) => readOperand(given, request.cwd, top).path || '.');
  const submodules = request.ignoreSubmodules;
  const ignoring = submodules === undefined ? [] : [`--ignore-submodules=${submodules}`];
  const args = ['status', '--porcelain', '-uall', '-z', ...ignoring, '--', ...paths];
  let isOldName = false;
  for await (const record of git.records(args, '\0')) {
    if (isOldName) {
      isOldName = false;
      continue;
    }
    const [index = ' ', tree = ' '] = record;
    isOldName = [index, tree].some((letter) => letter === 'R' || letter === 'C');
    const letter = tree === ' ' ? index : tree;
    if (!'?DMAT'.includes(letter)) continue;
    const file = show(record.slice(3) as ByteString);
    if (request.print !== undefined) emit({ type: 'output', bytes: request.print(letter, file) });
    else emit({ type: 'record', fields: { file, status: letter, 'error-messages': [] } });
  }
  return { failed: 0, stoppedByLimit: false };
}
