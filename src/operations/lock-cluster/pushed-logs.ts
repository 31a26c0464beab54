import { AnnexError } from '../../domain/errors.js';
import { fromBuffer, toBuffer } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { spawnGit } from '../../repository/git/spawn-git.js';

/** Bytes of the longest log that is looked at: those of settings have a line for each repository. */
const LONGEST = 4 << 20;

/** Reads objects in a hook: with git's own environment, which lets it see what is pushed before it is let in. */
export interface HookObjects {
  /** The names of objects for `COMMIT:PATH`, in order; undefined where there is nothing. Throws where it is no short file. */
  names(revisions: readonly string[]): Promise<(string | undefined)[]>;
  contents(names: readonly string[]): Promise<ByteString[]>;
}

export const hookObjects: HookObjects = {
  async names(revisions) {
    const lines = fromBuffer(await gitInHook(['cat-file', '--batch-check'], revisions)).split('\n');
    return revisions.map((revision, i) => {
      const [name, type, size] = (lines[i] ?? '').split(' ');
      if ((lines[i] ?? '').endsWith(' missing')) return undefined;
      if (type !== 'blob' || !(Number(size) <= LONGEST)) {
        const path = revision.slice(revision.indexOf(':') + 1);
        throw new AnnexError('limit-reached', `${path} is no file of less than ${LONGEST >> 20} megabytes`);
      }
      return name;
    });
  },
  async contents(names) {
    if (names.length === 0) return [];
    const output = await gitInHook(['cat-file', '--batch'], names);
    const found: ByteString[] = [];
    for (let at = 0; found.length < names.length; ) {
      const end = output.indexOf(10, at);
      const size = Number(output.toString('latin1', at, end).split(' ')[2]);
      if (end < 0 || !Number.isSafeInteger(size))
        throw new AnnexError('git-failed', 'git cat-file gave no object');
      found.push(fromBuffer(output.subarray(end + 1, end + 1 + size)));
      at = end + 1 + size + 1;
    }
    return found;
  },
};

/** Output of a git command in the repository that the hook runs for. */
export async function gitInHook(
  args: readonly string[],
  input: readonly string[] = [],
  accept: readonly number[] = [0],
): Promise<Buffer> {
  const child = spawnGit(args, { env: process.env, stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(toBuffer(input.map((line) => `${line}\n`).join('') as ByteString));
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) =>
      reject(new AnnexError('git-failed', `git could not be started: ${error.message}`)),
    );
    child.on('close', resolve);
  });
  if (code === null || !accept.includes(code)) throw new AnnexError('git-failed', `git ${args[0]} failed`);
  return Buffer.concat(chunks);
}
