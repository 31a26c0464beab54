import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';

/** A ref to be moved. */
export interface RefChange {
  readonly ref: ByteString;
  /** Undefined: it must not exist. */
  readonly from: ByteString | undefined;
  readonly to: ByteString;
}

/** Moves refs all at once, or none when one of them is not where it was. Throws `git-failed`. */
export async function updateRefs(git: Git, changes: readonly RefChange[], message: string): Promise<void> {
  const moves = changes.filter(({ from, to }) => from !== to);
  if (moves.length === 0) return;
  const zero = '0'.repeat((await git.objectFormat()) === 'sha1' ? 40 : 64);
  const input = moves.map(({ ref, from, to }) => `update ${ref}\0${to}\0${from ?? zero}\0`).join('');
  await git.run(['update-ref', '-m', message, '-z', '--stdin'], { input: input as ByteString });
}
