import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { trustLog } from '../../domain/logs/trust-log.js';
import { descriptionLog } from '../../domain/logs/uuid-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { parseUuid } from '../../domain/uuid.js';
import { clockFromEnvironment, type VectorClock } from '../../domain/vector-clock.js';
import type { ByteString } from '../../lib/bytes.js';
import { ascii, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { runProgram } from '../../repository/run-program.js';
import type { AnnexBranch, BranchChange } from '../../repository/branch/annex-branch.js';
import type { Git } from '../../repository/git/git.js';
import { inodeCache } from '../../repository/keys-db/inode-cache.js';
import { isExecutable } from '../../repository/objects/lockdown.js';
import { createPermissions, makeDirectories, sharingOf } from '../../repository/objects/permissions.js';
import type { RepositoryLocation } from '../../repository/repository.js';
import type { Settings } from '../../repository/settings/settings.js';
import { checkDifferences, NEWEST_VERSION } from './check-supported.js';
import { defaultDescription } from './default-description.js';
import { integrateWithGit } from './git-integration.js';
import { probeFileSystem } from './probe-file-system.js';
import { linkGitDirectory } from './work-tree-link.js';

/** The parts of a git repository that there are before it is an annex. */
export interface Uninitialized {
  readonly location: RepositoryLocation;
  readonly settings: Settings;
  readonly git: Git;
  /** Opens its git-annex branch, which need not exist yet. */
  readonly openBranch: () => AnnexBranch;
}

export interface InitRequest {
  /** Undefined: the one it has, or `user@host:path`. */
  readonly description?: ByteString | undefined;
  /** 8, 9 or 10; only for a repository without a version. */
  readonly version?: number | undefined;
}

export interface Initialized {
  readonly uuid: Uuid;
  /** Sentences on what was found on the way. */
  readonly notes: readonly string[];
}

/**
 * Makes a git repository an annex that git-annex accepts as it is; in one that is an annex already, sets up again what is
 * missing, and the description when one is given.
 * @throws AnnexError `unsupported-repository`
 */
export async function initialize(parts: Uninitialized, request: InitRequest): Promise<Initialized> {
  const { location, settings, git } = parts;
  refuseNoAnnex(location);
  refuseOtherVersion(settings, request.version);
  await checkDifferences(git, await knownBranches(git));
  await runPreInit(location, settings);
  const notes = [...(await prepareFileSystem(location, settings).catch(explainUnwritable))];
  const uuid = await assignIdentity(settings, request.version);
  notes.push(...(await integrateWithGit(location, settings)));
  await linkGitDirectory(location, settings);
  const shared = await shareHardlinks(location, settings);
  if (shared) notes.push(SHARED_CLONE);
  const branch = parts.openBranch();
  try {
    await branch.create();
    await branch.change(
      initialChanges(uuid, request.description, defaultDescription(pathOf(location)), shared),
    );
    await branch.commit();
  } finally {
    await branch.close();
  }
  return { uuid, notes };
}

/** The git-annex branches of this repository and of its remotes. */
export async function knownBranches(git: Git): Promise<ByteString[]> {
  const refs = await git.refs('refs/heads/git-annex', 'refs/remotes/');
  return refs.map(({ name }) => name).filter((name) => /^refs\/(heads|remotes\/.*)\/git-annex$/.test(name));
}

const SHARED_CLONE =
  'Repository was cloned with --shared; setting annex.hardlink=true and making repository untrusted.';

function pathOf(location: RepositoryLocation): ByteString {
  return location.workTree ?? location.gitDir;
}

/** A file `.noannex` at the top says that the repository is not to become an annex, and why. */
function refuseNoAnnex(location: RepositoryLocation): void {
  const path = toPath(`${location.workTree}/.noannex` as ByteString);
  if (location.workTree === undefined || !existsSync(path)) return;
  const reason = readFileSync(path, 'utf8').slice(0, 2000).trim();
  const sentence = 'Initialization prevented by .noannex file (remove the file to override)';
  throw new AnnexError('unsupported-repository', reason === '' ? sentence : `${sentence}\n${reason}`);
}

/** `annex.pre-init-command`, or the hook `pre-init-annex`, may configure the repository or forbid it to be an annex. */
async function runPreInit(location: RepositoryLocation, settings: Settings): Promise<void> {
  const hook = `${toText(location.commonDir)}/hooks/pre-init-annex`;
  const command = settings.get('annex.pre-init-command');
  const cwd = toPath(pathOf(location)) as string;
  const run = command ? ['/bin/sh', '-c', toText(command)] : isExecutable(hook) ? [hook] : undefined;
  if (run === undefined) return;
  const [program = '', ...args] = run;
  const { exitCode } = await runProgram(program, args, { cwd, stdout: 2, stderr: 2 });
  if (exitCode !== 0)
    throw new AnnexError('unsupported-repository', 'Initialization prevented by the pre-init hook.');
}

async function prepareFileSystem(location: RepositoryLocation, settings: Settings): Promise<string[]> {
  const annexDir = `${location.commonDir}/annex` as ByteString;
  makeDirectories(annexDir, createPermissions(sharingOf(settings), false));
  makeSentinel(annexDir);
  const faults = probeFileSystem(annexDir);
  if (!faults.crippled || settings.bool('annex.crippledfilesystem', false)) return [];
  await settings.set('annex.crippledfilesystem', ascii('true'));
  if (!faults.symlinks) await settings.set('core.symlinks', ascii('false'));
  return ['Detected a filesystem without full symbolic link, hard link or permission support.'];
}

function explainUnwritable(error: NodeJS.ErrnoException): never {
  const cause = { cause: error };
  if (error.code === 'EROFS')
    throw new AnnexError('read-only', 'The repository is on a read-only file system.', cause);
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    throw new AnnexError('permission', 'The repository may not be written by this user.', cause);
  }
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    throw new AnnexError('disk-full', 'The disk is full.', cause);
  throw error;
}

/** A file that has another inode in a copy of the repository: git-annex then doubts what it remembers of inodes. */
function makeSentinel(annexDir: ByteString): void {
  const path = toPath(`${annexDir}/sentinal` as ByteString);
  if (existsSync(path)) return;
  writeFileSync(path, '');
  const state = inodeCache(statSync(path, { bigint: true }));
  writeFileSync(toPath(`${annexDir}/sentinal.cache` as ByteString), state);
}

async function assignIdentity(settings: Settings, version: number | undefined): Promise<Uuid> {
  const present = parseUuid(settings.get('annex.uuid') ?? '');
  const uuid = present ?? (randomUUID() as string as Uuid);
  if (present === undefined) await settings.set('annex.uuid', uuid);
  if (settings.get('annex.version') === undefined) {
    await settings.set('annex.version', ascii(String(version ?? NEWEST_VERSION)));
  }
  return uuid;
}

function refuseOtherVersion(settings: Settings, version: number | undefined): void {
  const set = settings.get('annex.version');
  if (set === undefined || version === undefined || Number(set) === version) return;
  const sentence = `This repository is already a initialized with version ${set}, not changing to requested version.`;
  throw new AnnexError('unsupported-repository', sentence);
}

/** A clone made with `git clone --shared` borrows objects; its hard links to the origin's content are no copies. */
async function shareHardlinks(location: RepositoryLocation, settings: Settings): Promise<boolean> {
  const alternates = toPath(`${location.commonDir}/objects/info/alternates` as ByteString);
  if (!existsSync(alternates) || settings.get('annex.hardlink') !== undefined) return false;
  await settings.set('annex.hardlink', ascii('true'));
  return true;
}

function initialChanges(
  uuid: Uuid,
  description: ByteString | undefined,
  fallback: ByteString,
  untrusted: boolean,
): BranchChange[] {
  const now = wholeSeconds();
  const describe = (content: ByteString): ByteString => {
    const known = descriptionLog.values(content).get(uuid);
    const wanted = description ?? known ?? fallback;
    return wanted === known ? content : descriptionLog.set(content, uuid, oneLine(wanted), now);
  };
  const changes: BranchChange[] = [{ path: descriptionLog.path, change: describe, about: uuid }];
  const distrust = (content: ByteString) => trustLog.set(content, uuid, 'untrusted', now);
  if (untrusted) changes.push({ path: trustLog.path, change: distrust, about: uuid });
  return changes;
}

function oneLine(text: ByteString): ByteString {
  return text.replace(/[\n\r\0]+/g, ' ') as ByteString;
}

/** git-annex gives these logs whole seconds. */
function wholeSeconds(): VectorClock {
  return clockFromEnvironment(process.env.GIT_ANNEX_VECTOR_CLOCK, Math.floor(Date.now() / 1000) * 1000);
}
