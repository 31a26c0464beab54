import { type ByteString, toText } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import type { SyncRemote } from './choose-remotes.js';
import { reaching, unavailable } from './fetch-remote.js';

/** What became of one `git push`. */
export interface PushResult {
  /** The remote's refs that were changed, or had the value already. */
  readonly done: readonly ByteString[];
  /** The remote's refs that were refused, with git's reasons. */
  readonly refused: ReadonlyMap<ByteString, string>;
  /** What git would have said. */
  readonly text: string;
}

interface Line {
  readonly flag: string;
  readonly from: string;
  readonly to: string;
  readonly summary: string;
}

/**
 * Pushes refspecs, with all hooks.
 * @throws `remote-unavailable` when the push could not take place
 */
export async function runPush(
  git: Git,
  remote: SyncRemote,
  refspecs: readonly ByteString[],
  signal: AbortSignal,
): Promise<PushResult> {
  const pushed = await git.run(['push', '--porcelain', '--', remote.name, ...refspecs], {
    accept: 'any',
    ...reaching(remote, signal),
  });
  const lines = pushed.stdout.split('\n').flatMap(readLine);
  if (pushed.exitCode !== 0 && !lines.some((line) => line.flag === '!'))
    throw unavailable(remote, pushed.stderr);
  const to = pushed.stdout.split('\n').filter((line) => line.startsWith('To '));
  const shown = lines.filter((line) => line.flag !== '=').map(humanLine);
  const text =
    shown.length === 0 ? '' : [...to, ...shown].map((line) => toText(line as ByteString)).join('\n');
  return {
    done: lines.filter((line) => line.flag !== '!').map((line) => line.to as ByteString),
    refused: new Map(
      lines.filter((line) => line.flag === '!').map((line) => [line.to as ByteString, reasonOf(line)]),
    ),
    text: [pushed.stderr.trimEnd(), text].filter((part) => part !== '').join('\n'),
  };
}

/** `FLAG TAB FROM:TO TAB SUMMARY`, git-push(1). */
function readLine(line: string): Line[] {
  const match = /^([ +*=!-])\t([^\t]*):([^\t:]*)\t(.*)$/.exec(line);
  if (match === null) return [];
  const [, flag = '', from = '', to = '', summary = ''] = match;
  return [{ flag, from, to, summary }];
}

/** What is in the parentheses of `[remote rejected] (cannot lock ref ...)`. */
function reasonOf({ summary }: Line): string {
  return toText((/\((.*)\)$/s.exec(summary)?.[1] ?? summary) as ByteString);
}

/** A line as `git push` shows it without `--porcelain`. */
function humanLine({ flag, from, to, summary }: Line): string {
  const reason = /^(.*?)( \(.*\))$/.exec(summary);
  const range = reason?.[1] ?? summary;
  const short = (ref: string) => ref.replace(/^refs\/(heads|tags|remotes)\//, '');
  return ` ${flag} ${range.padEnd(17)} ${short(from)} -> ${short(to)}${reason?.[2] ?? ''}`;
}
