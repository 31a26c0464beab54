import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { directoryOf, type Limits, limitsOf } from './limits.js';
import { parseRequest, type ShellRequest } from './request.js';

type Command = (request: ShellRequest, directory: string, limits: Limits) => Promise<number>;

/** A command that works on a repository, which is its first operand. */
interface TableEntry {
  /** What it does to the repository; `p2pstdio` looks at each request by itself. */
  readonly does: 'read' | 'add' | 'remove';
  /** Read only when it is asked for: every connection starts this program. */
  readonly load: () => Promise<Command>;
}

/** Whatever else is asked for is git-shell's. */
const COMMANDS: Readonly<Record<string, TableEntry>> = {
  configlist: { does: 'read', load: async () => (await import('./config-list.js')).configList },
  p2pstdio: { does: 'read', load: async () => (await import('./p2p-stdio.js')).p2pStdio },
  notifychanges: { does: 'read', load: async () => (await import('./notify-changes.js')).notifyChanges },
  inannex: { does: 'read', load: async () => (await import('./in-annex.js')).inAnnex },
  sendkey: { does: 'read', load: async () => (await import('./rsync-keys.js')).sendKey },
  recvkey: { does: 'add', load: async () => (await import('./rsync-keys.js')).receiveKey },
  dropkey: { does: 'remove', load: async () => (await import('./drop-key.js')).dropKey },
};

/** Runs one command for a client; gives the exit code. Every refusal is one sentence on stderr. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    if (argv.length === 1 && (argv[0] === '--help' || argv[0] === '-h')) {
      const { HELP } = await import('./help.js');
      process.stdout.write(HELP);
      return 0;
    }
    const limits = limitsOf(process.env);
    const request = parseRequest(argv);
    const entry = Object.hasOwn(COMMANDS, request.command) ? COMMANDS[request.command] : undefined;
    if (entry === undefined) {
      const { passToGitShell } = await import('./pass-to-git-shell.js');
      return await passToGitShell(request, limits);
    }
    const [given] = request.operands;
    if (given === undefined) throw new AnnexError('usage', `${request.command} needs a directory`);
    limits.checkAction(entry.does);
    const directory = directoryOf(given);
    limits.checkDirectory(directory);
    const command = await entry.load();
    return await command(request, directory, limits);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(fromText(`git-annex-ts-shell: ${message.split('\n', 1)[0]}\n`), 'latin1');
    return 1;
  }
}
