import type { ByteString } from '../../lib/bytes.js';
import type { VectorClock } from '../vector-clock.js';
import { compareClocks, formatClock, nextClock, parseClock } from '../vector-clock.js';
import type { Stamped } from './codec.js';
import { integerCodec } from './codec.js';
import { logLines } from './lines.js';

/** A log of one number, in lines `TIME NUMBER` (numcopies.log, mincopies.log). */
export interface NumberLog {
  readonly path: ByteString;
  /** The newest number; of equally old ones the largest. */
  parse(content: ByteString): Stamped<number> | undefined;
  /** The content after setting the number. The same content when it is that already. */
  set(content: ByteString, value: number, now: VectorClock): ByteString;
}

export function numberLog(path: string): NumberLog {
  return {
    path: path as ByteString,
    parse,
    set: (content, value, now) => {
      const known = parse(content);
      if (known?.value === value) return content;
      return `${formatClock(nextClock(now, known?.clock))} ${value}\n` as ByteString;
    },
  };
}

function parse(content: ByteString): Stamped<number> | undefined {
  let newest: Stamped<number> | undefined;
  for (const line of logLines(content)) {
    const space = line.indexOf(' ');
    const clock = space === -1 ? undefined : parseClock(line.slice(0, space));
    const value = integerCodec.parse(line.slice(space + 1) as ByteString);
    if (clock === undefined || value === undefined) continue;
    const order = newest === undefined ? 1 : compareClocks(clock, newest.clock);
    if (newest === undefined || order > 0 || (order === 0 && value > newest.value)) newest = { clock, value };
  }
  return newest;
}
