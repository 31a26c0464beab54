import { type Stats, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { RepositoryLocation } from '../repository.js';
import { maskCredentials } from './environment.js';
import { checkExit } from './run-git.js';
import { spawnGit } from './spawn-git.js';

/**
 * Finds the repository that git would use in a folder. The common case (a plain `.git` folder of our own user above it)
 * is decided from the file system; whatever is unusual is left to git: `GIT_DIR` and its like, linked work trees,
 * submodules, bare repositories, `core.worktree`, other owners (`safe.directory`), mount points on the way.
 * @param folder absolute path
 * @throws AnnexError `not-a-repository`; `permission` when git distrusts the owner
 */
export async function discoverRepository(folder: ByteString): Promise<RepositoryLocation> {
  return discoverPlain(folder) ?? (await askGit(folder));
}

const decisiveVariables = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_CEILING_DIRECTORIES',
  'SUDO_UID',
];

/** Undefined: not the common case. */
function discoverPlain(folder: ByteString): RepositoryLocation | undefined {
  if (decisiveVariables.some((name) => process.env[name] !== undefined)) return undefined;
  try {
    const start = fromBuffer(realpathSync(toPath(folder), 'buffer'));
    const device = statSync(toPath(start)).dev;
    for (let at = start; ; at = parent(at)) {
      const stats = statSync(toPath(at));
      if (stats.dev !== device || looksBare(at)) return undefined;
      const dotGit = lstatQuietly(join(at, '.git'));
      if (dotGit !== undefined) return isPlain(at, stats, dotGit) ? location(at) : undefined;
      if (at === '/') return undefined;
    }
  } catch {
    return undefined;
  }
}

function location(top: ByteString): RepositoryLocation {
  const gitDir = join(top, '.git');
  return { gitDir, commonDir: gitDir, workTree: top };
}

function isPlain(top: ByteString, topStats: Stats, dotGit: Stats): boolean {
  const user = process.geteuid?.();
  if (!dotGit.isDirectory() || dotGit.uid !== user || topStats.uid !== user) return false;
  const gitDir = join(top, '.git');
  if (!looksBare(gitDir) || lstatQuietly(join(gitDir, 'commondir')) !== undefined) return false;
  const config = fromBuffer(readFileSync(toPath(join(gitDir, 'config'))));
  return !/worktree|include|bare\s*=?\s*(?:true|yes|on|[1-9]|$)|\\$/im.test(config);
}

/** Whether a folder is what git takes for a git directory: `HEAD`, `objects` and `refs` in it. */
function looksBare(folder: ByteString): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => lstatQuietly(join(folder, name)) !== undefined);
}

const none = '' as ByteString;
const questions = [
  '--is-bare-repository',
  '--absolute-git-dir',
  '--git-common-dir',
  '--show-toplevel',
] as const;

async function askGit(folder: ByteString): Promise<RepositoryLocation> {
  const together = await ask(folder, ['rev-parse', '--path-format=absolute', ...questions]);
  let answers = together.stdout.replace(/\n$/, '').split('\n');
  if (together.exitCode !== 0 && answers.length < 3) throw notFound(folder, together.stderr);
  if (answers.length > 4 || (together.exitCode !== 0 && answers.length > 3))
    answers = await askOneByOne(folder);
  const [bare, gitDir = none, commonDir = gitDir, top = none] = answers as ByteString[];
  const location = { gitDir, commonDir };
  if (bare === 'true') return { ...location, workTree: undefined };
  // With GIT_DIR set (in hooks) git takes the current folder for the work tree, even the git directory itself.
  const unknown = top === '' || top === gitDir || top.startsWith(`${gitDir}/`);
  return { ...location, workTree: unknown ? workTreeOf(location.gitDir, location.commonDir) : top };
}

/** A path holds a newline, so that several answers cannot be told apart. */
async function askOneByOne(folder: ByteString): Promise<string[]> {
  const answers: string[] = [];
  for (const question of questions) {
    const { exitCode, stdout } = await ask(folder, ['rev-parse', '--path-format=absolute', question]);
    answers.push(exitCode === 0 ? stdout.replace(/\n$/, '') : '');
  }
  return answers;
}

/** The work tree of a git directory one stands in, where git itself names none. */
function workTreeOf(gitDir: ByteString, commonDir: ByteString): ByteString | undefined {
  if (gitDir !== commonDir) {
    try {
      return parent(
        fromBuffer(readFileSync(toPath(join(gitDir, 'gitdir')))).replace(/\n$/, '') as ByteString,
      );
    } catch {
      return undefined;
    }
  }
  return gitDir.endsWith('/.git') ? parent(gitDir) : undefined;
}

/** Unlike all other commands this one gets the environment as it is: `GIT_DIR` is what it is asked about. */
async function ask(
  cwd: ByteString,
  args: string[],
): Promise<{ exitCode: number; stdout: ByteString; stderr: string }> {
  const child = spawnGit(args, { cwd, env: process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(startError(error, cwd)));
    child.on('close', (code) => resolve(code ?? 128));
  });
  return {
    exitCode,
    stdout: fromBuffer(Buffer.concat(out)),
    stderr: maskCredentials(Buffer.concat(err).toString('utf8')),
  };
}

function startError(error: NodeJS.ErrnoException, cwd: ByteString): AnnexError {
  if (error.code === 'ENOENT' && lstatQuietly(cwd) === undefined)
    return new AnnexError('not-a-repository', 'the folder does not exist');
  return new AnnexError('git-failed', 'git could not be started', {
    hint: 'Is git installed?',
    cause: error,
  });
}

function notFound(folder: ByteString, stderr: string): AnnexError {
  if (stderr.includes('safe.directory')) {
    return new AnnexError(
      'permission',
      'the repository is owned by someone else, and git does not trust it',
      {
        hint: 'To trust it, run: git config --global --add safe.directory <folder>',
      },
    );
  }
  try {
    checkExit(['rev-parse'], 128, stderr, []);
  } catch (cause) {
    return new AnnexError('not-a-repository', 'Not in a git repository.', { cause });
  }
  return new AnnexError(
    'not-a-repository',
    `not in a git repository: ${Buffer.from(folder, 'latin1').toString()}`,
  );
}

function lstatQuietly(path: ByteString): Stats | undefined {
  return lstatSync(toPath(path), { throwIfNoEntry: false });
}

function join(folder: ByteString, name: string): ByteString {
  return (folder === '/' ? `/${name}` : `${folder}/${name}`) as ByteString;
}

function parent(path: ByteString): ByteString {
  return (path.slice(0, path.lastIndexOf('/')) || '/') as ByteString;
}
