/** What kind of process is at a transfer. */
export type ProgramKind =
  /** This program: it looks at the user's requests. */
  | 'ours'
  /** git-annex, for a command or a single transfer of one. */
  | 'git-annex'
  /** git-annex, for others: a server, the assistant. */
  | 'git-annex-server'
  | 'unknown';

const SERVERS = new Set([
  'p2pstdio',
  'p2phttp',
  'assistant',
  'watch',
  'webapp',
  'remotedaemon',
  'notifychanges',
  'sendkey',
  'recvkey',
]);

/** Tells from the words of a command line what kind of process it is. */
export function programKind(command: readonly string[]): ProgramKind {
  const names = command.map((word) => word.slice(word.lastIndexOf('/') + 1));
  const [program = '', ...rest] = names;
  const started = /^node(?:js)?$/.test(program) ? (rest[0] ?? '') : program;
  if (/^git-annex-ts(?:-shell)?(?:\.[cm]?js)?$/.test(started)) return 'ours';
  if (program === 'git-annex-shell') return 'git-annex-server';
  if (program !== 'git-annex') return 'unknown';
  const subcommand = rest.find((word) => !word.startsWith('-'));
  if (subcommand === undefined) return 'unknown';
  return SERVERS.has(subcommand) ? 'git-annex-server' : 'git-annex';
}

/** Whether the process moves content because somebody else asked for it. */
export function servesOthers(command: readonly string[]): boolean {
  if (programKind(command) === 'git-annex-server')
    return !command.some((word) => /^(?:assistant|watch|webapp)$/.test(word));
  return command.some(
    (word) => /(?:^|\/)git-annex-ts-shell$/.test(word) || word === 'p2phttp' || word === 'p2pstdio',
  );
}
