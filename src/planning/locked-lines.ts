import type { ByteString } from '../lib/bytes.js';
import { unionMerge } from '../domain/logs/union-merge.js';
import { compareClocks, parseClock, unknownClock, type VectorClock } from '../domain/vector-clock.js';

/** A log of the git-annex branch whose lines can be locked. */
export interface LockedLog {
  readonly path: string;
  /** `UUID VALUE timestamp=TIME`, or `TIME FIELD VALUE`. */
  readonly form: 'field-first' | 'time-first';
  /** What the field names. */
  readonly field: 'repository' | 'group';
}

/** The logs that say how a cluster works. */
export const LOCKED_LOGS: readonly LockedLog[] = [
  { path: 'trust.log', form: 'field-first', field: 'repository' },
  { path: 'group.log', form: 'field-first', field: 'repository' },
  { path: 'preferred-content.log', form: 'field-first', field: 'repository' },
  { path: 'required-content.log', form: 'field-first', field: 'repository' },
  { path: 'group-preferred-content.log', form: 'time-first', field: 'group' },
  { path: 'maxsize.log', form: 'time-first', field: 'repository' },
  { path: 'proxy.log', form: 'time-first', field: 'repository' },
  { path: 'cluster.log', form: 'time-first', field: 'repository' },
];

/** Whose lines are locked. */
export interface Locked {
  readonly repositories: ReadonlySet<ByteString>;
  readonly groups: ReadonlySet<ByteString>;
}

/** A line that would change, as it came (`added`), or as it stands now. */
export interface LineChange {
  readonly path: string;
  readonly line: ByteString;
  readonly kind: 'added' | 'gone';
}

/**
 * What another version of a log would change about what is locked, once it is merged into the log, or takes its place. Lines
 * that are there already, older ones than what holds now, and those that say the same change nothing; a line that cannot be read
 * for certain does.
 * @param replaces whether the log is replaced; else lines cannot get lost
 */
export function lockedChanges(
  log: LockedLog,
  now: ByteString,
  then: ByteString,
  locked: Locked,
  replaces: boolean,
): LineChange[] {
  if (now === then) return [];
  const known = new Set(linesOf(now));
  const newest = newestLines(log, known);
  const changes: LineChange[] = [];
  const given = new Set(linesOf(then));
  for (const line of given) {
    if (known.has(line) || !concerns(log, line, locked) || isHarmless(log, line, newest)) continue;
    changes.push({ path: log.path, line, kind: 'added' });
  }
  if (changes.length > 0) return changes;
  // Lines of the same time may come into another order, and lines that are left out are gone.
  const later = newestLines(log, linesOf(replaces ? then : unionMerge(now, then)));
  for (const [field, { line, text }] of newest) {
    const after = later.get(field);
    if (!concerns(log, line, locked) || after?.text === text) continue;
    changes.push({ path: log.path, line: after?.line ?? line, kind: after === undefined ? 'gone' : 'added' });
  }
  return changes;
}

interface Read {
  readonly line: ByteString;
  readonly field: string;
  /** The value as it is written. */
  readonly text: string;
  readonly clock: VectorClock;
}

function concerns({ field }: LockedLog, line: ByteString, { repositories, groups }: Locked): boolean {
  if (field === 'group')
    return groups.has(line.split(/[ \t\r]+/).filter((word) => word !== '')[1] as ByteString);
  for (const uuid of repositories) if (line.includes(uuid)) return true;
  return false;
}

function isHarmless(log: LockedLog, line: ByteString, newest: ReadonlyMap<string, Read>): boolean {
  const read = readLine(log, line);
  const holds = read && newest.get(read.field);
  if (read === undefined || holds === undefined) return false;
  if (read.text === holds.text) return true;
  return read.clock !== unknownClock && compareClocks(read.clock, holds.clock) < 0;
}

/** What holds of each field: the last of the newest lines. */
function newestLines(log: LockedLog, lines: Iterable<ByteString>): Map<string, Read> {
  const newest = new Map<string, Read>();
  for (const line of lines) {
    const read = readLine(log, line);
    if (read === undefined) continue;
    const known = newest.get(read.field);
    if (known === undefined || compareClocks(read.clock, known.clock) >= 0) newest.set(read.field, read);
  }
  return newest;
}

/** Undefined where a reader could see something else in it. */
function readLine({ form }: LockedLog, line: ByteString): Read | undefined {
  if (/[\t\r\0]/.test(line)) return undefined;
  if (form === 'time-first') {
    const [, time, field, text] = /^(\S+) (\S+) (.*)$/s.exec(line) ?? [];
    const clock = time === undefined ? undefined : parseClock(time);
    if (field === undefined || text === undefined || clock === undefined) return undefined;
    return { line, field, text, clock };
  }
  const [, field, text, time] = /^(\S+) (.*?)(?: ?\btimestamp=(\S*))?$/s.exec(line) ?? [];
  if (field === undefined || text === undefined || text.includes('timestamp=')) return undefined;
  const clock = time === undefined ? unknownClock : parseClock(time);
  return clock === undefined ? undefined : { line, field, text, clock };
}

function linesOf(content: ByteString): ByteString[] {
  return content.split('\n').filter((line) => line !== '') as ByteString[];
}
