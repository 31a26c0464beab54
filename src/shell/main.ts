import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { configList } from './config-list.js';
import { directoryOf, type Limits, limitsOf } from './limits.js';
import { p2pStdio } from './p2p-stdio.js';
import { passToGitShell } from './pass-to-git-shell.js';
import { parseRequest, type ShellRequest } from './request.js';

type Command = (request: ShellRequest, directory: string, limits: Limits) => Promise<number>;

/** The commands that work on a repository, which is their first operand. Whatever else is asked for is git-shell's. */
const COMMANDS: Readonly<Record<string, Command>> = { p2pstdio: p2pStdio, configlist: configList };

/** Runs one command for a client; gives the exit code. Every refusal is one sentence on stderr. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const limits = limitsOf(process.env);
    const request = parseRequest(argv);
    const command = Object.hasOwn(COMMANDS, request.command) ? COMMANDS[request.command] : undefined;
    if (command === undefined) return await passToGitShell(request, limits);
    const [given] = request.operands;
    if (given === undefined) throw new AnnexError('usage', `${request.command} needs a directory`);
    const directory = directoryOf(given);
    limits.checkDirectory(directory);
    return await command(request, directory, limits);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(fromText(`git-annex-ts-shell: ${message.split('\n', 1)[0]}\n`), 'latin1');
    return 1;
  }
}
