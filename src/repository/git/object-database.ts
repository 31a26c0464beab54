import { once } from 'node:events';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { RepositoryLocation } from '../repository.js';
import { gitEnvironment, maskCredentials } from './environment.js';
import { locationArguments } from './git-paths.js';
import type { NewObject, ObjectFormat } from './git.js';
import { objectName, writeLooseObject } from './object-writer.js';
import { packStream } from './pack-stream.js';
import { checkExit, runGit, startFailure } from './run-git.js';
import { spawnGit } from './spawn-git.js';

/** Writes objects into a repository: a few as loose objects without any child, many as one pack. */
export interface ObjectDatabase {
  format(): Promise<ObjectFormat>;
  /** Names in the order given. All are readable by any git when the promise resolves. */
  write(objects: readonly NewObject[]): Promise<ByteString[]>;
}

/** More objects than this become a pack instead of loose objects. */
const mostLoose = 100;

export function openObjectDatabase(location: RepositoryLocation): ObjectDatabase {
  const objects = `${location.commonDir}/objects` as ByteString;
  let settings: Promise<{ format: ObjectFormat; shared: boolean }> | undefined;
  const read = (): Promise<{ format: ObjectFormat; shared: boolean }> =>
    (settings ??= readSettings(location));

  return {
    format: async () => (await read()).format,
    async write(list) {
      const { format, shared } = await read();
      if (list.length === 0) return [];
      // In a shared repository git itself sets groups and permissions.
      if (list.length <= mostLoose && !shared)
        return list.map((object) => writeLooseObject(objects, object, format));
      await writePack(location, list, format);
      return list.map((object) => objectName(object, format));
    },
  };
}

async function readSettings(
  location: RepositoryLocation,
): Promise<{ format: ObjectFormat; shared: boolean }> {
  const pattern = '^(core\\.sharedrepository|extensions\\.objectformat)$';
  const args = [...locationArguments(location), 'config', '-z', '--get-regexp', pattern];
  const { stdout } = await runGit(args, { accept: [0, 1] });
  let format: ObjectFormat = 'sha1';
  let shared = false;
  for (const setting of stdout.split('\0')) {
    const at = setting.indexOf('\n');
    const name = at < 0 ? setting : setting.slice(0, at);
    const value = at < 0 ? 'true' : setting.slice(at + 1).toLowerCase();
    if (name === 'core.sharedrepository') shared = !['', 'false', 'no', 'off', '0', 'umask'].includes(value);
    if (name === 'extensions.objectformat') format = objectFormat(value);
  }
  return { format, shared };
}

function objectFormat(value: string): ObjectFormat {
  if (value === 'sha1' || value === 'sha256') return value;
  throw new AnnexError(
    'unsupported-repository',
    `this repository's git objects are named by an unknown hash: ${value}`,
  );
}

async function writePack(
  location: RepositoryLocation,
  objects: readonly NewObject[],
  format: ObjectFormat,
): Promise<void> {
  const args = [...locationArguments(location), 'index-pack', '--stdin'];
  const child = spawnGit(args, { env: gitEnvironment(), stdio: ['pipe', 'ignore', 'pipe'] });
  const complaints: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk));
  const finished = new Promise<number>((resolve, reject) => {
    child.on('error', (error) => reject(startFailure(error, args)));
    child.on('close', (code) => resolve(code ?? 128));
  });
  finished.catch(() => undefined);
  const { stdin } = child;
  stdin?.on('error', () => undefined);
  for (const piece of packStream(objects, objects.length, format)) {
    if (stdin?.writable && !stdin.write(piece))
      await Promise.race([once(stdin, 'drain').catch(() => undefined), finished]);
  }
  stdin?.end();
  checkExit(args, await finished, maskCredentials(Buffer.concat(complaints).toString('utf8')), [0]);
}
