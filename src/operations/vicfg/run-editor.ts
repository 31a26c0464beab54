import { AnnexError } from '../../domain/errors.js';
import { toBuffer } from '../../lib/buffers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { runProgram } from '../../repository/run-program.js';
import type { Git } from '../../repository/git/git.js';

/**
 * Opens a file in the editor that git would use (`GIT_EDITOR`, `core.editor`, `VISUAL`, `EDITOR`), and resolves when it
 * ends. @throws AnnexError `git-failed` where git knows none, `editor-failed`
 */
export async function runEditor(git: Git, file: ByteString): Promise<void> {
  const { stdout } = await git.run(['var', 'GIT_EDITOR']);
  const editor = toText(stdout).replace(/\n$/, '');
  // The name is spelled out, since Node passes nothing but UTF-8 to programs.
  const name = [...toBuffer(file)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  const { exitCode } = await runProgram('/bin/sh', ['-c', `set -- "$(printf '${name}')"; ${editor} "$@"`], {
    stdin: 'inherit',
    stdout: 'inherit',
  });
  if (exitCode !== 0) throw new AnnexError('editor-failed', `${editor} exited nonzero; aborting`);
}
