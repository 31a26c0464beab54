import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { optimizeLater } from '../lib/optimize-later.js';
import { directoryOf, limitsOf } from './limits.js';
import type { Command } from './repository-commands.js';
import { parseRequest } from './request.js';

/** What the commands do to the repository, which is their first operand; `p2pstdio` looks at each request by itself. */
const COMMANDS = {
  configlist: 'read',
  p2pstdio: 'read',
  notifychanges: 'read',
  inannex: 'read',
  sendkey: 'read',
  recvkey: 'add',
  dropkey: 'remove',
} as const;

/** Runs one command for a client; gives the exit code. Every refusal is one sentence on stderr. */
export async function main(argv: readonly string[]): Promise<number> {
  optimizeLater();
  try {
    if (argv.length === 1 && (argv[0] === '--help' || argv[0] === '-h')) {
      const { HELP } = await import('./help.js');
      process.stdout.write(HELP);
      return 0;
    }
    const limits = limitsOf(process.env);
    const request = parseRequest(argv);
    const { command } = request;
    if (!isCommand(command)) {
      const { passToGitShell } = await import('./pass-to-git-shell.js');
      return await passToGitShell(request, limits);
    }
    const [given] = request.operands;
    if (given === undefined) throw new AnnexError('usage', `${command} needs a directory`);
    limits.checkAction(COMMANDS[command]);
    const directory = directoryOf(given);
    limits.checkDirectory(directory);
    checkRepository(directory);
    const run = await load(command);
    return await run(request, directory, limits);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(fromText(`git-annex-ts-shell: ${message.split('\n', 1)[0]}\n`), 'latin1');
    return 1;
  }
}

/** A folder inside a repository is not one: a client with a mistyped path must not get to another repository than git does. */
function checkRepository(directory: string): void {
  if (['.git', 'HEAD'].some((name) => existsSync(join(directory, name)))) return;
  throw new AnnexError('not-a-repository', `there is no git repository at ${directory}`);
}

/** Whatever is none of these is git-shell's. */
function isCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}

/** Every connection starts this program: it reads only what it needs. */
async function load(name: keyof typeof COMMANDS): Promise<Command> {
  if (name === 'configlist') return (await import('./config-list.js')).configList;
  return (await import('./repository-commands.js')).repositoryCommands[name];
}
