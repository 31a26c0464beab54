import { resolve } from 'node:path';
import { AnnexError } from '../domain/errors.js';
import { parseUuid, type Uuid } from '../domain/uuid.js';
import type { ByteString } from '../lib/bytes.js';
import { fromText, toText } from '../lib/bytes.js';
import type { AnnexBranch } from '../repository/branch/annex-branch.js';
import { createLogClock } from '../repository/branch/log-clock.js';
import { openAnnexBranch } from '../repository/branch/open-annex-branch.js';
import { discoverRepository } from '../repository/git/discover.js';
import type { Git } from '../repository/git/git.js';
import { openGit } from '../repository/git/open-git.js';
import { openUnlockedFiles } from '../repository/keys-db/open-unlocked-files.js';
import { nativeLocks } from '../repository/locks/fs-extensions.js';
import { createLockFiles } from '../repository/locks/lock-files.js';
import { clearTemporary } from '../repository/objects/clear-temporary.js';
import { openArrivals } from '../repository/objects/arrivals.js';
import { openObjectStore } from '../repository/objects/open-object-store.js';
import { createPermissions, sharingOf } from '../repository/objects/permissions.js';
import type { Repository, RepositoryLocation } from '../repository/repository.js';
import { openSettings } from '../repository/settings/open-settings.js';
import type { Settings } from '../repository/settings/settings.js';
import { openTransferLocks } from '../repository/transfers/open-transfer-locks.js';
import { checkSettings, supportedVersion } from './init/check-supported.js';
import { initialize, knownBranches, type Uninitialized } from './init/initialize.js';
import { recordRemotes } from './init/record-remotes.js';
import { linkGitDirectory } from './init/work-tree-link.js';
import { finishLeft } from './record-arrivals.js';

export interface OpenOptions {
  /** Whether a clone of an annex is initialised silently, as git-annex does. Default true. */
  readonly autoInit?: boolean;
  /** Whether closing commits the journal; `annex.alwayscommit=false` says no as well. Default true. */
  readonly commit?: boolean;
  /** Whether nothing may be written, not even by git for itself: for looking only. Default false. */
  readonly readOnly?: boolean;
  /** Hears of commits and merges of the git-annex branch: `recording state in git...`. */
  readonly onAside?: (text: string) => void;
}

interface Parts extends Uninitialized {
  /** Absolute; undefined: the repository's own. */
  readonly indexFile: ByteString | undefined;
}

/**
 * Opens the repository at or above a folder (absolute path).
 *
 * The first repository of a process is the one that `GIT_DIR` and its like name, if they are set, with the index
 * of `GIT_INDEX_FILE`; these variables are forgotten then, so that they lead no other repository astray.
 * @throws AnnexError `not-a-repository`, `not-initialized`, `unsupported-repository`, `invalid-setting`, `git-failed`
 */
export async function openRepository(folder: ByteString, options: OpenOptions = {}): Promise<Repository> {
  // git refreshes its index by the way where it may.
  if (options.readOnly) process.env['GIT_OPTIONAL_LOCKS'] = '0';
  const parts = await openParts(folder, options);
  try {
    checkSettings(parts.settings);
    const known = parseUuid(parts.settings.get('annex.uuid') ?? '');
    const uuid = known ?? (await autoInitialize(parts, options));
    supportedVersion(parts.settings, parts.location);
    if (!options.readOnly) await linkGitDirectory(parts.location, parts.settings);
    const repository = wire(parts, uuid, options);
    if (known === undefined) {
      await recordRemotes(repository, openRepository, true);
      const { adjustAfterInit } = await import('./adjusted/after-init.js');
      await adjustAfterInit(repository);
    }
    // Not while git itself is at work and holds its index: what git starts does not commit.
    if (options.commit !== false && !options.readOnly)
      await finishLeft(repository, arrivalsFolder(repository.annexDir));
    return repository;
  } catch (error) {
    await parts.git.close();
    throw error;
  }
}

/** The parts of a git repository that need not be an annex yet. The caller closes `git`. */
export async function openParts(folder: ByteString, options: OpenOptions = {}): Promise<Parts> {
  const given = process.env.GIT_INDEX_FILE;
  const indexFile = given === undefined ? undefined : fromText(resolve(toText(folder), given));
  const location = await discoverRepository(folder);
  const settings = await openSettings({ directory: folder, workTree: location.workTree });
  forgetEnvironment();
  const git = openGit(location, {
    signs: settings.bool('annex.allowsign', false) && settings.bool('commit.gpgsign', false),
    ...(indexFile !== undefined && { indexFile: fromText(resolve(toText(folder), indexFile)) }),
  });
  return {
    location,
    settings,
    git,
    indexFile,
    openBranch: () => openBranch(location, settings, git, options),
  };
}

function openBranch(
  location: RepositoryLocation,
  settings: Settings,
  git: Git,
  options: OpenOptions,
): AnnexBranch {
  const { onAside } = options;
  return openAnnexBranch({
    git,
    annexDir: `${location.commonDir}/annex` as ByteString,
    settings,
    observe: options.readOnly === true,
    clock: createLogClock(),
    isPrivate: (uuid) => isPrivate(settings, uuid),
    fileMode: createPermissions(sharingOf(settings), false).fileMode(0o644),
    onCommit: () => onAside?.('recording state in git...'),
    onMerge: (names) => onAside?.(`merging ${names.map(toText).join(' ')} into git-annex...`),
  });
}

/** Whether nothing about a repository may get to the git-annex branch. */
function isPrivate(settings: Settings, uuid: Uuid): boolean {
  if (settings.get('annex.uuid') === uuid) return settings.bool('annex.private', false);
  return settings
    .subsections('remote')
    .some(
      (name) =>
        settings.get(`remote.${name}.annex-uuid`) === uuid &&
        settings.bool(`remote.${name}.annex-private`, false),
    );
}

function forgetEnvironment(): void {
  for (const name of [
    'GIT_DIR',
    'GIT_WORK_TREE',
    'GIT_COMMON_DIR',
    'GIT_INDEX_FILE',
    'GIT_PREFIX',
    'GIT_OBJECT_DIRECTORY',
  ]) {
    delete process.env[name];
  }
}

/** Only a repository that somebody uses with git-annex already (some git-annex branch is known) becomes one unasked. */
async function autoInitialize(parts: Uninitialized, options: OpenOptions): Promise<Uuid> {
  const known = await knownBranches(parts.git);
  if (known.length === 0 || options.autoInit === false || options.readOnly) {
    throw new AnnexError('not-initialized', 'First run: git-annex init', { hint: 'Or: git annex-ts init' });
  }
  return (await initialize(parts, {})).uuid;
}

function arrivalsFolder(annexDir: ByteString): ByteString {
  return `${annexDir}/annex-ts/arrivals` as ByteString;
}

function wire(parts: Parts, uuid: Uuid, options: OpenOptions): Repository {
  const { location, settings, git } = parts;
  const version = supportedVersion(settings, location);
  const annexDir = `${location.commonDir}/annex` as ByteString;
  const permissions = createPermissions(sharingOf(settings), version < 10);
  const branch = parts.openBranch();
  const unlocked = openUnlockedFiles({ location, annexDir, uuid, settings, git, indexPath: parts.indexFile });
  const lockFiles = createLockFiles(`${annexDir}/othertmp` as ByteString, permissions.fileMode(0o644));
  const arrivals = openArrivals(arrivalsFolder(annexDir));
  const objects = openObjectStore({
    commonDir: location.commonDir,
    bare: location.workTree === undefined,
    version,
    settings,
    tryLock: (file, shared) => nativeLocks().tryLock(file, 0, 0, { shared }),
    lockFiles,
    arrivals,
    unlocked,
  });
  const commits = options.commit !== false && settings.bool('annex.alwayscommit', true);
  let closed = false;
  return {
    location,
    annexDir,
    uuid,
    settings,
    git,
    branch,
    objects,
    transfers: openTransferLocks(annexDir, permissions, lockFiles),
    unlocked,
    async close() {
      if (closed) return;
      closed = true;
      try {
        if (!options.readOnly) await unlocked.close();
        if (commits && !options.readOnly) await branch.commit();
      } finally {
        await branch.close();
        await git.close();
        arrivals.close();
        lockFiles.close();
        if (!options.readOnly) clearTemporary(annexDir);
      }
    },
  };
}
