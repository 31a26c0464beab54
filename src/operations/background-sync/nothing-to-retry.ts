import { existsSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import { discoverRepository } from '../../repository/git/discover.js';
import { anythingFailed } from './anything-failed.js';

/** Options with which `sync --retry` has nothing to say when there is nothing to do. */
const plain = new Set(['--retry', '--quiet', '-q', '--no-wait', '--json', '-j', '--json-error-messages']);

/**
 * Whether `sync` with these arguments is a retry with nothing to do, found out before anything large is loaded. What is
 * unusual gives false: then the command itself looks.
 */
export async function nothingToRetry(argv: readonly string[]): Promise<boolean> {
  if (!argv.every((word) => plain.has(word))) return false;
  try {
    const { commonDir } = await discoverRepository(fromText(process.cwd()));
    const annexDir = `${commonDir}/annex` as ByteString;
    return existsSync(toPath(annexDir)) && !anythingFailed(annexDir);
  } catch {
    return false;
  }
}
