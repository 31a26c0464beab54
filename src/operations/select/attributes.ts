import { readFileSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';

/** git attributes of work tree files, asked of git only where some `.gitattributes` speaks of annex. */
export interface Attributes {
  /** The values of one attribute, in the order of the paths; undefined for unspecified. */
  values(name: string, paths: readonly ByteString[]): Promise<(ByteString | undefined)[]>;
}

/** Paths count from the top of the work tree. */
export function createAttributes(repository: Repository): Attributes {
  const { location, settings, git } = repository;
  const top = location.workTree;
  const everywhere = [
    `${location.commonDir}/info/attributes`,
    settings.get('core.attributesfile') ?? userFile('git/attributes'),
    '/etc/gitattributes',
  ].some((path) => path !== undefined && speaksOfAnnex(path as ByteString));
  const directories = new Map<string, boolean>();

  /** Whether the directory or one above it has a file that does. */
  const inDirectory = (directory: string): boolean => {
    const known = directories.get(directory);
    if (known !== undefined) return known;
    const own = speaksOfAnnex(
      `${top}/${directory === '' ? '' : `${directory}/`}.gitattributes` as ByteString,
    );
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
  };
}

function parent(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

function speaksOfAnnex(path: ByteString): boolean {
  try {
    return fromBuffer(readFileSync(toPath(path))).includes('annex.');
  } catch {
    return false;
  }
}

function userFile(name: string): string | undefined {
  const base = process.env['XDG_CONFIG_HOME'] || (process.env['HOME'] && `${process.env['HOME']}/.config`);
  return base ? `${base}/${name}` : undefined;
}
