import { AnnexError } from '../domain/errors.js';
import { type Key, parseKey } from '../domain/key.js';
import { fromText } from '../lib/bytes.js';
import { splitCommand } from './split-command.js';

/** What a client asked the shell to do. */
export interface ShellRequest {
  readonly command: string;
  readonly operands: readonly string[];
  /** `--uuid`: the repository that the client expects. */
  readonly uuid: string | undefined;
  /** `--force`: the client takes responsibility. */
  readonly force: boolean;
  /** `-- NAME=VALUE ... --`: what older shells ignore. */
  readonly fields: ReadonlyMap<string, string>;
  /** The command as it came, for git-shell. */
  readonly line: string;
}

/**
 * Reads the arguments: a command, or `-c LINE` with the command as ssh passes it on (git-annex-shell(1)). Options that
 * do not matter here are passed over. Throws `usage`.
 */
export function parseRequest(argv: readonly string[]): ShellRequest {
  const given = argv[0] === '-c' ? argv.slice(1) : argv;
  const line = given.length === 1 ? (given[0] as string) : given.map(quoted).join(' ');
  const words = given.length === 1 ? splitCommand(line) : [...given];
  const named = /(^|\/)git-annex(-ts)?-shell$/.test(words[0] ?? '');
  if (named) words.shift();
  const [command, ...rest] = words;
  if (command === undefined) {
    throw new AnnexError(
      'usage',
      'This is a shell for git and git-annex: it needs a command, and has no prompt.',
    );
  }
  return { command, line: named ? words.map(quoted).join(' ') : line, ...parseRest(rest) };
}

/** Old clients let rsync add the words of its own command behind the fields: they mean nothing here. */
function parseRest(words: readonly string[]): Pick<ShellRequest, 'operands' | 'uuid' | 'force' | 'fields'> {
  const start = words.indexOf('--');
  const end = start === -1 ? -1 : words.indexOf('--', start + 1);
  const inside = start === -1 ? [] : words.slice(start + 1, end === -1 ? undefined : end);
  const outside = start === -1 ? words : words.slice(0, start);
  const operands: string[] = [];
  let uuid: string | undefined;
  for (let i = 0; i < outside.length; i++) {
    const word = outside[i] as string;
    if (word === '--uuid') uuid = outside[++i];
    else if (word.startsWith('--uuid=')) uuid = word.slice('--uuid='.length);
    else if (!word.startsWith('-')) operands.push(word);
  }
  const fields = inside.map((field): [string, string] => {
    const equals = field.indexOf('=');
    return equals === -1 ? [field, ''] : [field.slice(0, equals), field.slice(equals + 1)];
  });
  return { operands, uuid, force: outside.includes('--force'), fields: new Map(fields) };
}

/** The operands after the directory as keys. Throws `invalid-key`. */
export function keysOf(request: ShellRequest): Key[] {
  return request.operands.slice(1).map((word) => {
    const key = parseKey(fromText(word));
    if (key === undefined) throw new AnnexError('invalid-key', 'bad key');
    return key;
  });
}

/** Throws `remote-uuid-mismatch` for another repository than the client expects. */
export function checkUuid(request: ShellRequest, uuid: string): void {
  if (request.uuid === undefined || request.uuid === uuid) return;
  const sentence = `expected repository UUID ${request.uuid} but found UUID ${uuid}`;
  throw new AnnexError('remote-uuid-mismatch', sentence);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
