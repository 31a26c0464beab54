import { spawn } from 'node:child_process';
import { fromBuffer } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { gitEnvironment } from '../git/environment.js';

/**
 * What a shell command of the user's git config prints; undefined when it fails. Run in `folder`. Given to the shell on
 * stdin, so that it may have any bytes.
 */
export async function shellOutput(command: ByteString, folder: ByteString): Promise<ByteString | undefined> {
  const script = `cd -- '${folder.replaceAll("'", `'\\''`)}' && { ${command}\n}\n`;
  const child = spawn('/bin/sh', ['-s'], { env: gitEnvironment(), stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(script, 'latin1');
  const exitCode = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 128));
  });
  return exitCode === 0 ? fromBuffer(Buffer.concat(chunks)) : undefined;
}
