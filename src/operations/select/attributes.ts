import { readFileSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';

/** git attributes of work tree files, asked of git only where some `.gitattributes` speaks of annex. */
export interface Attributes {
  /** The values of one attribute, in the order of the paths; undefined for unspecified. */
  values(name: string, paths: readonly ByteString[]): Promise<(ByteString | undefined)[]>;
  /** Whether some file with attributes speaks of one of these; such files are listed by git and read. */
  mention(names: readonly string[]): Promise<boolean>;
}

/** Paths count from the top of the work tree. */
export function createAttributes(repository: Repository): Attributes {
  const { location, settings, git } = repository;
  const top = location.workTree;
  const common = [
    `${location.commonDir}/info/attributes`,
    settings.get('core.attributesfile') ?? userFile('git/attributes'),
    '/etc/gitattributes',
  ].flatMap((path) => (path === undefined ? [] : (path as ByteString)));
  const everywhere = common.some((path) => speaksOf(path, ['annex.']));
  const directories = new Map<string, boolean>();

  /** Whether the directory or one above it has a file that does. */
  const inDirectory = (directory: string): boolean => {
    const known = directories.get(directory);
    if (known !== undefined) return known;
    const file = `${top}/${directory === '' ? '' : `${directory}/`}.gitattributes` as ByteString;
    const own = speaksOf(file, ['annex.']);
    const answer = own || (directory !== '' && inDirectory(parent(directory)));
    directories.set(directory, answer);
    return answer;
  };

  return {
    async values(name, paths) {
      const asked = top === undefined ? [] : paths.filter((path) => everywhere || inDirectory(parent(path)));
      if (asked.length === 0) return paths.map(() => undefined);
      const answers = new Map<ByteString, ByteString | undefined>();
      let at = 0;
      for await (const value of git.attribute(name, asked)) answers.set(asked[at++] as ByteString, value);
      return paths.map((path) => answers.get(path));
    },
    async mention(names) {
      if (common.some((path) => speaksOf(path, names))) return true;
      if (top === undefined) return false;
      // Of what git has, what it would exclude by that pattern.
      const listing = ['ls-files', '-z', '--cached', '--ignored', '--exclude=.gitattributes'];
      for await (const path of git.records(listing, '\0')) {
        if (speaksOf(`${top}/${path}` as ByteString, names)) return true;
      }
      return false;
    },
  };
}

function parent(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

function speaksOf(path: ByteString, words: readonly string[]): boolean {
  try {
    const text = fromBuffer(readFileSync(toPath(path)));
    return words.some((word) => text.includes(word));
  } catch {
    return false;
  }
}

function userFile(name: string): string | undefined {
  const base = process.env['XDG_CONFIG_HOME'] || (process.env['HOME'] && `${process.env['HOME']}/.config`);
  return base ? `${base}/${name}` : undefined;
}
