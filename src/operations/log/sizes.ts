import type { Key } from '../../domain/key.js';
import { keySize } from '../../domain/key.js';
import { formatSizeShort } from '../../domain/data-units.js';
import { compareBytes } from '../../domain/logs/lines.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { branchHistory, type HistoryStep } from './branch-history.js';

export interface SizesRequest {
  /** One repository, the sum of all, or each of them in a column of its own. */
  readonly of: Uuid | 'total' | 'each';
  readonly header: boolean;
  /** What came since the line before, rather than what is there. */
  readonly received: boolean;
  readonly inBytes: boolean;
  readonly rawDate: boolean;
  /** Seconds that two lines are apart at least. */
  readonly interval: number;
}

/** Shows how the sizes of repositories changed, from the oldest commit of the git-annex branch until now. */
export async function showSizes(
  { git, branch }: Repository,
  known: KnownRepositories,
  request: SizesRequest,
  { emit }: OperationContext,
): Promise<Outcome> {
  const { inBytes, received, interval } = request;
  const descriptions = descriptionLog.values(await branch.read(descriptionLog.path));
  const columns = [...descriptions.keys()].sort(compareBytes);
  const say = (words: readonly string[]) =>
    emit({ type: 'output', bytes: `${words.join(',')}\n` as ByteString });
  if (request.header) {
    const nameOf = (uuid: Uuid) => descriptions.get(uuid) || known.remoteName(uuid) || uuid;
    say(['date', ...columns.map((uuid) => csvWord(nameOf(uuid)))]);
  }

  const account = openAccount();
  const numbers = () =>
    account.numbers(request.of, columns, received).map(inBytes ? String : formatSizeShort);
  let shownAt = Number.NEGATIVE_INFINITY;
  const nothing = numbers().join();
  let before = nothing;
  for await (const step of branchHistory(git, ['--date-order', '--reverse'])) {
    account.enter(step);
    if (step.seconds - shownAt < Math.max(1, interval)) continue;
    const words = numbers();
    // What is the same as before is not told again, but that as much came once more.
    if (words.join() === before && (!received || before === nothing)) continue;
    say([dateWord(step.seconds, request), ...words]);
    account.startLine();
    shownAt = step.seconds;
    before = words.join();
  }
  say([dateWord(Date.now() / 1000, request), ...numbers()]);
  return { failed: 0, stoppedByLimit: false };
}

/** Adds up what is in each repository. A change that two branches made counts once. */
function openAccount() {
  const holders = new Map<Key, Set<Uuid>>();
  const sizes = new Map<Uuid, number>();
  const arrived = new Map<Uuid, number>();
  const add = (to: Map<Uuid, number>, uuid: Uuid, bytes: number) => to.set(uuid, (to.get(uuid) ?? 0) + bytes);
  return {
    enter({ key, added, removed }: HistoryStep): void {
      if (key === undefined) return;
      const here = holders.get(key) ?? new Set();
      const bytes = keySize(key) ?? 0;
      for (const uuid of added) {
        if (here.has(uuid)) continue;
        here.add(uuid);
        add(sizes, uuid, bytes);
        add(arrived, uuid, bytes);
      }
      for (const uuid of removed) if (here.delete(uuid)) add(sizes, uuid, -bytes);
      if (here.size === 0) holders.delete(key);
      else holders.set(key, here);
    },
    startLine: () => arrived.clear(),
    numbers(of: SizesRequest['of'], columns: readonly Uuid[], received: boolean): number[] {
      const from = received ? arrived : sizes;
      if (of === 'total') return [[...from.values()].reduce((sum, bytes) => sum + bytes, 0)];
      return (of === 'each' ? columns : [of]).map((uuid) => from.get(uuid) ?? 0);
    },
  };
}

/** Local time as `2023-11-15T22:13:20`, or seconds since 1970. */
function dateWord(seconds: number, { rawDate }: SizesRequest): string {
  if (rawDate) return String(seconds);
  const offset = new Date(seconds * 1000).getTimezoneOffset() * 60;
  return new Date((seconds - offset) * 1000).toISOString().slice(0, 19);
}

function csvWord(word: string): string {
  return /[",\r\n]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word;
}
