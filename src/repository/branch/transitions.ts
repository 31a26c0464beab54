import type { Transition } from '../../domain/logs/transitions-log.js';

const spoken = { ForgetGitHistory: 'forget git history', ForgetDeadRemotes: 'forget dead remotes' } as const;

/** Whether every transition of `all` is among `known`. */
export function knowsAll(known: readonly Transition[], all: readonly Transition[]): boolean {
  return all.every((one) => known.some(({ name, clock }) => name === one.name && clock === one.clock));
}

/** Those of the lists together, each once. */
export function joinTransitions(lists: readonly (readonly Transition[])[]): Transition[] {
  const joined: Transition[] = [];
  for (const list of lists) for (const one of list) if (!knowsAll(joined, [one])) joined.push(one);
  return joined;
}

/** `["forget git history","forget dead remotes"]`, as commit messages have it. */
export function describeTransitions(transitions: readonly Transition[]): string {
  const names = Object.entries(spoken).filter(([name]) => transitions.some((one) => one.name === name));
  return `[${names.map(([, words]) => `"${words}"`).join(',')}]`;
}
