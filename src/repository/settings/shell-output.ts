import { fromBuffer, toBuffer } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { runProgram } from '../run-program.js';
import { gitEnvironment } from '../git/environment.js';

/**
 * What a shell command of the user's git config prints; undefined when it fails. Run in `folder`. Given to the shell on
 * stdin, so that it may have any bytes.
 */
export async function shellOutput(command: ByteString, folder: ByteString): Promise<ByteString | undefined> {
  const script = `cd -- '${folder.replaceAll("'", `'\\''`)}' && { ${command}\n}\n` as ByteString;
  const { exitCode, stdout } = await runProgram('/bin/sh', ['-s'], {
    env: gitEnvironment(),
    input: toBuffer(script),
    stdout: 'pipe',
  });
  return exitCode === 0 ? fromBuffer(Buffer.from(stdout)) : undefined;
}
