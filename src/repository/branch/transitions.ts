import type { ByteString } from '../../lib/bytes.js';

/** What can be forgotten: all history of the branch; all that is recorded about dead repositories. */
export type TransitionName = 'ForgetGitHistory' | 'ForgetDeadRemotes';

/** One line of `transitions.log`. Two are the same when name and time are. */
export interface Transition {
  readonly name: TransitionName;
  /** As in the log: `1795298147s`. */
  readonly time: ByteString;
}

export const transitionsPath = 'transitions.log' as ByteString;

const order: readonly TransitionName[] = ['ForgetGitHistory', 'ForgetDeadRemotes'];
const spoken = { ForgetGitHistory: 'forget git history', ForgetDeadRemotes: 'forget dead remotes' } as const;

/** Lines that name no transition known here are left alone. */
export function parseTransitions(content: ByteString): Transition[] {
  const found: Transition[] = [];
  for (const line of content.split('\n')) {
    const [name, time, more] = line.split(' ');
    if (more !== undefined || time === undefined || !/^\d+(?:\.\d+)?s$/.test(time)) continue;
    if (order.includes(name as TransitionName))
      found.push({ name: name as TransitionName, time: time as ByteString });
  }
  return found;
}

/** The log with transitions added, in git-annex's order. */
export function addTransitions(content: ByteString, more: readonly Transition[]): ByteString {
  const lines = new Set(content.split('\n').filter((line) => line !== ''));
  for (const { name, time } of more) lines.add(`${name} ${time}`);
  const rank = (line: string): number => order.findIndex((name) => line.startsWith(`${name} `));
  const sorted = [...lines].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map((line) => `${line}\n`).join('') as ByteString;
}

/** Whether every transition of `all` is among `known`. */
export function knowsAll(known: readonly Transition[], all: readonly Transition[]): boolean {
  return all.every((one) => known.some(({ name, time }) => name === one.name && time === one.time));
}

/** Those of the lists together, each once. */
export function joinTransitions(lists: readonly (readonly Transition[])[]): Transition[] {
  const joined: Transition[] = [];
  for (const list of lists) for (const one of list) if (!knowsAll(joined, [one])) joined.push(one);
  return joined;
}

/** `["forget git history","forget dead remotes"]`, as commit messages have it. */
export function describeTransitions(transitions: readonly Transition[]): string {
  const names = order
    .filter((name) => transitions.some((one) => one.name === name))
    .map((name) => spoken[name]);
  return `[${names.map((name) => `"${name}"`).join(',')}]`;
}
