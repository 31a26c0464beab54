import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Config } from '@oclif/core';
import { AnnexError } from '../../domain/errors.js';
import type { BaseCommand } from './base-command.js';

/** Finds the command that the arguments name and runs it, or shows help. Loads that one command's file only. */
export async function runCommand(argv: readonly string[], root: string): Promise<void> {
  const { overrides, rest } = leadingOverrides(argv);
  const [name, ...own] = rest;
  if (name === undefined) throw new AnnexError('usage', 'Missing: COMMAND', usageHint);
  if (name === '--help' || name === '-h' || name === 'help') return showHelp(root, own);
  const file = commandFile(root, name);
  if (file === undefined) {
    const kind = name.startsWith('-') ? 'option' : 'argument';
    throw new AnnexError('usage', `Invalid ${kind} \`${name}'`, usageHint);
  }
  if (asksForHelp(own)) return showHelp(root, [name]);
  const { default: Command } = (await import(pathToFileURL(file).href)) as { default: CommandClass };
  Command.id = name;
  try {
    // Loading oclif's configuration reads descriptions of all commands, which only help needs.
    await new Command([...overrides, ...own], new Config({ root })).execute();
  } catch (error) {
    throw asUsageError(error, name);
  }
}

interface CommandClass {
  id: string;
  new (argv: string[], config: Config): BaseCommand;
}

/** The file of a command, named like it; undefined when there is no such command. */
function commandFile(root: string, name: string): string | undefined {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return undefined;
  const file = join(root, 'dist', 'commands', `${name}.js`);
  return existsSync(file) ? file : undefined;
}

const usageHint = { hint: 'Usage: git-annex-ts COMMAND; `git-annex-ts --help` lists the commands.' };

/** `-c name=value` may stand before the command's name, as it may with git. */
function leadingOverrides(argv: readonly string[]): { overrides: string[]; rest: readonly string[] } {
  let at = 0;
  while (argv[at] === '-c' && argv.length > at + 1) at += 2;
  return { overrides: argv.slice(0, at), rest: argv.slice(at) };
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  return options.includes('--help') || options.includes('-h');
}

async function showHelp(root: string, argv: string[]): Promise<void> {
  const { AnnexHelp } = await import('./help.js');
  const config = await Config.load({ root });
  await new AnnexHelp(config, { hideCommandSummaryInDescription: true }).showHelp(argv);
}

/** oclif's complaints about arguments, and ours, end with how to get help; other errors stay what they are. */
function asUsageError(error: unknown, name: string): unknown {
  const isOclifs = error instanceof Error && 'oclif' in error;
  if (!isOclifs && !(error instanceof AnnexError && error.code === 'usage')) return error;
  return new AnnexError('usage', sentenceOf(error.message), {
    hint: `Usage: \`git-annex-ts ${name} --help\` lists the options.`,
    cause: error,
  });
}

/** oclif rewrites what a flag's own parser says into `Parsing --NAME`, the sentence, and `See more help`. */
function sentenceOf(message: string): string {
  const [first = '', second] = message.split('\n').map((line) => line.trim());
  return first.startsWith('Parsing --') && second !== undefined ? second : first;
}
