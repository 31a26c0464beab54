import type { ByteString } from '../../lib/bytes.js';
import type { VectorClock } from '../vector-clock.js';
import { formatClock, isNewer, nextClock, parseClock } from '../vector-clock.js';
import { compareBytes } from './lines.js';

/** `1` present, `0` not present, `X` dead (not present, and not expected to be again). */
export type PresenceState = '1' | '0' | 'X';

/** One line `TIMESTAMP STATE INFO` of a location log, or of a log of the same shape (urls, equivalent keys). */
export interface PresenceLine {
  readonly clock: VectorClock;
  readonly state: PresenceState;
  /** What is present or not: a uuid, a url ... any bytes but line ends. */
  readonly info: ByteString;
}

/** The newest line of each info; of lines of the same time the first. Lines that cannot be read are skipped. */
export function parsePresenceLog(content: ByteString): Map<ByteString, PresenceLine> {
  const newest = new Map<ByteString, PresenceLine>();
  const lines = content.includes('\r') ? (content.replace(/\r/g, '\n') as ByteString) : content;
  let start = 0;
  while (start < lines.length) {
    const newline = lines.indexOf('\n', start);
    const end = newline === -1 ? lines.length : newline;
    const line = parseLine(lines, start, end);
    start = end + 1;
    if (line === undefined) continue;
    const known = newest.get(line.info);
    if (known === undefined || isNewer(line.clock, known.clock)) newest.set(line.info, line);
  }
  return newest;
}

/** The log's content, compacted, in byte order of the infos. */
export function buildPresenceLog(lines: Iterable<PresenceLine>): ByteString {
  const sorted = [...lines].sort((a, b) => compareBytes(a.info, b.info));
  let content = '';
  for (const line of sorted) content += `${formatClock(line.clock)} ${line.state} ${line.info}\n`;
  return content as ByteString;
}

/**
 * The content after recording a state at `now` (or later, when the log knows a later time for the same info). Content
 * that says so already comes back as it is, as git-annex leaves it.
 */
export function setPresence(
  content: ByteString,
  info: ByteString,
  state: PresenceState,
  now: VectorClock,
): ByteString {
  const lines = parsePresenceLog(content);
  const known = lines.get(info);
  if (known?.state === state) return content;
  lines.set(info, { clock: nextClock(now, known?.clock), state, info });
  return buildPresenceLog(lines.values());
}

/** As `setPresence`, but an info that the log does not know is put at the end and the rest left as it is. */
export function appendPresence(
  content: ByteString,
  info: ByteString,
  state: PresenceState,
  now: VectorClock,
): ByteString {
  if (parsePresenceLog(content).has(info)) return setPresence(content, info, state, now);
  const gap = content === '' || content.endsWith('\n') ? '' : '\n';
  return `${content}${gap}${formatClock(now)} ${state} ${info}\n` as ByteString;
}

function parseLine(text: string, start: number, end: number): PresenceLine | undefined {
  const space = text.indexOf(' ', start);
  if (space === -1 || space + 3 > end || text.charCodeAt(space + 2) !== 0x20) return undefined;
  const state = text.charAt(space + 1);
  if (state !== '1' && state !== '0' && state !== 'X') return undefined;
  const clock = parseClock(text.slice(start, space));
  return clock === undefined ? undefined : { clock, state, info: text.slice(space + 3, end) as ByteString };
}
