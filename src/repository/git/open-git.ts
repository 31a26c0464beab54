import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { pipelined } from '../../lib/pipelined.js';
import { splitRecords } from '../../lib/record-splitter.js';
import type { RepositoryLocation } from '../repository.js';
import type { ObjectInfo } from './cat-file.js';
import { infoParser } from './cat-file.js';
import { attributeParser } from './check-attr.js';
import { gitEnvironment, maskCredentials } from './environment.js';
import type { Git, GitEntry, GitObject, GitRunOptions } from './git.js';
import { locationArguments } from './git-paths.js';
import { type ObjectReader, objectReaders, type StartChild } from './object-reader.js';
import { openObjectDatabase } from './object-database.js';
import { readRefFile } from './refs.js';
import type { RequestChild } from './request-child.js';
import { createRequestChild } from './request-child.js';
import { checkExit, runGit, startFailure } from './run-git.js';
import { spawnGit } from './spawn-git.js';

/** Requests sent ahead of the answers taken. */
const window = 512;
/** Bytes of objects read but not yet taken at which reading pauses. */
const mostHeld = 8 * 1024 * 1024;
/** Bytes of path arguments given to one command. */
const mostArguments = 96 * 1024;

export interface OpenGitOptions {
  /** Another index than the repository's own: what `GIT_INDEX_FILE` says while git runs the pre-commit hook. */
  readonly indexFile?: ByteString;
  /** See `Git.signs`; default false. */
  readonly signs?: boolean;
  /** More environment for every child. */
  readonly environment?: { readonly [name: string]: string };
}

/** git on the repository at `location`. Starts no child until one is needed. */
export function openGit(location: RepositoryLocation, options: OpenGitOptions = {}): Git {
  const own = locationArguments(location);
  const top = location.workTree ?? location.gitDir;
  const fixedEnvironment = {
    ...options.environment,
    ...(options.indexFile === undefined ? {} : { GIT_INDEX_FILE: options.indexFile }),
  };
  const database = openObjectDatabase(location);
  const attributes = new Map<string, RequestChild<ByteString | undefined>>();
  const idleReaders: ObjectReader[] = [];
  const busyReaders = new Set<ObjectReader>();
  let single: ObjectReader | undefined;
  let checker: RequestChild<ObjectInfo | undefined> | undefined;

  const start: StartChild = (args, parser, flushRequest) => {
    const child = spawnGit([...own, ...args], {
      cwd: top,
      env: gitEnvironment(fixedEnvironment),
      stdio: 'pipe',
    });
    return createRequestChild(child, args, parser, flushRequest);
  };
  const startReader = objectReaders(start);
  const singleReader = (): ObjectReader => (single = alive(single) ?? startReader());
  const infoChecker = (): RequestChild<ObjectInfo | undefined> =>
    (checker = alive(checker) ?? start(['cat-file', '--batch-check'], infoParser()));

  const run: Git['run'] = (args, given = {}) =>
    runGit([...own, ...args], { cwd: top, ...given, env: { ...fixedEnvironment, ...given.env } });

  /** A name that fits on a line: one with a newline is resolved by a command of its own. */
  const oneLine = async (name: ByteString): Promise<ByteString | undefined> => {
    if (!/[\n\0]/.test(name)) return name;
    if (name.includes('\0')) return undefined;
    const { exitCode, stdout } = await run(['rev-parse', '--verify', '--quiet', '--end-of-options', name], {
      accept: 'any',
    });
    return exitCode === 0 ? (stdout.trimEnd() as ByteString) : undefined;
  };
  const askByName = <R>(
    ask: (line: ByteString) => Promise<R | undefined>,
    name: ByteString,
  ): Promise<R | undefined> => {
    if (!/[\n\0]/.test(name)) return ask(name);
    return oneLine(name).then((line) => (line === undefined ? undefined : ask(line)));
  };
  const checkByName = (name: ByteString): Promise<ObjectInfo | undefined> =>
    askByName((line) => infoChecker().ask(`${line}\n` as ByteString), name);

  async function* objects(
    names: AsyncIterable<ByteString> | Iterable<ByteString>,
  ): AsyncGenerator<GitObject | undefined> {
    const reader = idleReaders.pop() ?? startReader();
    busyReaders.add(reader);
    let held = 0;
    const ask = async (name: ByteString): Promise<GitObject | undefined> => {
      const object = await askByName(reader.ask, name);
      held += object?.content.length ?? 0;
      if (held > mostHeld) reader.pause();
      return object;
    };
    try {
      for await (const object of pipelined(names, window, ask)) {
        const before = held;
        held -= object?.content.length ?? 0;
        if (before > mostHeld / 2 && held <= mostHeld / 2) reader.resume();
        yield object;
      }
    } finally {
      busyReaders.delete(reader);
      if (reader.pending > 0) reader.kill();
      else if (!reader.ended) {
        reader.resume();
        idleReaders.push(reader);
      }
    }
  }

  async function* records(
    args: readonly string[],
    separator: '\0' | '\n',
    given: GitRunOptions = {},
  ): AsyncGenerator<ByteString> {
    const child = spawnGit([...own, ...args], {
      cwd: given.cwd ?? top,
      env: gitEnvironment({ ...fixedEnvironment, ...given.env }),
      stdio: [given.input === undefined ? 'ignore' : 'pipe', 'pipe', given.inherit ? 'inherit' : 'pipe'],
      signal: given.signal,
    });
    const complaints: Buffer[] = [];
    child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(Buffer.from(given.input ?? '', 'latin1'));
    const finished = new Promise<number>((resolve, reject) => {
      child.on('error', (error) => reject(startFailure(error, args)));
      child.on('close', (code) => resolve(code ?? 128));
    });
    finished.catch(() => undefined);
    let complete = false;
    try {
      if (child.stdout !== null) yield* splitRecords(child.stdout as AsyncIterable<Buffer>, separator);
      complete = true;
    } finally {
      if (!complete) child.kill();
    }
    checkExit(
      args,
      await finished,
      maskCredentials(Buffer.concat(complaints).toString('utf8')),
      given.accept ?? [0],
    );
  }

  async function* index(
    paths: readonly ByteString[],
  ): AsyncGenerator<GitEntry & { readonly stage: 0 | 1 | 2 | 3 }> {
    for (const some of portions(paths)) {
      for await (const record of records(['ls-files', '--stage', '-z', '--', ...some], '\0')) {
        const tab = record.indexOf('\t');
        const space = record.indexOf(' ');
        yield {
          mode: record.slice(0, space) as ByteString,
          sha: record.slice(space + 1, tab - 2) as ByteString,
          stage: Number(record[tab - 1]) as 0 | 1 | 2 | 3,
          path: record.slice(tab + 1) as ByteString,
        };
      }
    }
  }

  async function* tree(treeish: ByteString, paths: readonly ByteString[] = []): AsyncGenerator<GitEntry> {
    for (const some of portions(paths)) {
      for await (const record of records(
        ['ls-tree', '-r', '-z', '--full-tree', treeish, '--', ...some],
        '\0',
      )) {
        const tab = record.indexOf('\t');
        const [mode = '', , sha = ''] = record.slice(0, tab).split(' ');
        yield { mode: mode as ByteString, sha: sha as ByteString, path: record.slice(tab + 1) as ByteString };
      }
    }
  }

  async function* attribute(
    name: string,
    paths: AsyncIterable<ByteString> | Iterable<ByteString>,
  ): AsyncGenerator<ByteString | undefined> {
    const child =
      alive(attributes.get(name)) ?? start(['check-attr', '--stdin', '-z', name], attributeParser());
    attributes.set(name, child);
    yield* pipelined(paths, window, (path) => child.ask(`${path}\0` as ByteString));
  }

  return {
    signs: options.signs === true,
    run,
    records,
    object: (name) => askByName(singleReader().ask, name),
    objects,
    objectInfo: (names) => pipelined(names, window, checkByName),
    index,
    tree,
    attribute,
    async resolve(ref) {
      const read = readRefFile(location, ref as ByteString);
      if (read !== 'ask') return read;
      const { exitCode, stdout } = await run(['rev-parse', '--verify', '--quiet', '--end-of-options', ref], {
        accept: 'any',
      });
      return exitCode === 0 ? (stdout.trimEnd() as ByteString) : undefined;
    },
    async refs(...prefixes) {
      const found: { name: ByteString; sha: ByteString }[] = [];
      const format = '--format=%(objectname) %(refname)';
      for await (const line of records(['for-each-ref', format, '--', ...prefixes], '\n')) {
        const space = line.indexOf(' ');
        found.push({ sha: line.slice(0, space) as ByteString, name: line.slice(space + 1) as ByteString });
      }
      return found;
    },
    async writeBlob(content) {
      const [name] = await database.write([{ type: 'blob', content }]);
      if (name === undefined) throw new AnnexError('internal', 'no object was written');
      return name;
    },
    writeObjects: (list) => database.write(list),
    objectFormat: () => database.format(),
    async stage(entries) {
      if (entries.length === 0) return;
      const zero = '0'.repeat((await database.format()) === 'sha1' ? 40 : 64);
      const lines = entries.map(({ mode, sha, path }) =>
        mode === '0' ? `0 ${zero}\t${path}\0` : `${mode} ${sha}\t${path}\0`,
      );
      await run(['update-index', '-z', '--index-info'], { input: lines.join('') as ByteString });
    },
    async close() {
      for (const reader of busyReaders) reader.kill();
      const all = [single, checker, ...attributes.values(), ...idleReaders.splice(0)];
      attributes.clear();
      await Promise.all(all.map((child) => child?.close()));
    },
  };
}

function alive<C extends { readonly ended: boolean }>(child: C | undefined): C | undefined {
  return child === undefined || child.ended ? undefined : child;
}

/** Paths in portions that fit on a command line; one empty portion for no paths at all. */
function* portions(paths: readonly ByteString[]): Generator<readonly ByteString[]> {
  if (paths.length === 0) return yield [];
  let some: ByteString[] = [];
  let bytes = 0;
  for (const path of paths) {
    if (bytes > 0 && bytes + path.length > mostArguments) {
      yield some;
      some = [];
      bytes = 0;
    }
    some.push(path);
    bytes += path.length + 1;
  }
  yield some;
}
