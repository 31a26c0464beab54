import type { ByteString } from '../../lib/bytes.js';
import type { VectorClock } from '../vector-clock.js';
import { compareClocks, formatClock, parseClock } from '../vector-clock.js';
import { logLines } from './lines.js';

export const transitionsPath = 'transitions.log' as ByteString;

/** In the order in which git-annex lists those of the same time. */
const names = ['ForgetGitHistory', 'ForgetDeadRemotes'] as const;

export type TransitionName = (typeof names)[number];

/** Something that was done to the whole branch, and that merging must not undo. */
export interface Transition {
  readonly name: TransitionName;
  readonly clock: VectorClock;
}

/** The transitions of a `transitions.log` (lines `NAME TIME`), in the order they are written. */
export interface Transitions {
  readonly list: readonly Transition[];
  /** There is a line we do not know: a newer program's transition. The branch must not be merged or written to. */
  readonly unknown: boolean;
}

export function parseTransitions(content: ByteString): Transitions {
  const known = new Map<string, Transition>();
  let unknown = false;
  for (const line of logLines(content)) {
    const space = line.indexOf(' ');
    const name = names.find((candidate) => candidate === line.slice(0, space));
    const clock = parseClock(line.slice(space + 1));
    if (name === undefined || clock === undefined) unknown = true;
    else known.set(`${clock} ${name}`, { name, clock });
  }
  return { list: [...known.values()].sort(compareTransitions), unknown };
}

/** The content with further transitions. Times are not moved, whatever the log holds. */
export function addTransitions(content: ByteString, added: readonly Transition[]): ByteString {
  const all = new Map<string, Transition>();
  for (const item of [...parseTransitions(content).list, ...added])
    all.set(`${item.clock} ${item.name}`, item);
  const sorted = [...all.values()].sort(compareTransitions);
  return sorted.map(({ name, clock }) => `${name} ${formatClock(clock)}\n`).join('') as ByteString;
}

function compareTransitions(a: Transition, b: Transition): number {
  return compareClocks(a.clock, b.clock) || names.indexOf(a.name) - names.indexOf(b.name);
}
