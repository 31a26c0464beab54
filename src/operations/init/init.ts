import { AnnexError } from '../../domain/errors.js';
import type { Action } from '../../domain/events.js';
import { remoteLog } from '../../domain/logs/remote-log.js';
import type { ByteString } from '../../lib/bytes.js';
import { ascii, toText } from '../../lib/bytes.js';
import { discoverRepository } from '../../repository/git/discover.js';
import type { Repository } from '../../repository/repository.js';
import { adjustAfterInit } from '../adjusted/after-init.js';
import type { OperationContext, Outcome } from '../context.js';
import { openParts, openRepository } from '../open-repository.js';
import { checkSettings, NEWEST_VERSION, OLDEST_VERSION, supportedVersion } from './check-supported.js';
import { initialize } from './initialize.js';
import { recordRemotes } from './record-remotes.js';

export interface InitRepositoryRequest {
  readonly folder: ByteString;
  /** Words of the description joined by spaces; undefined: keep it, or make one up. */
  readonly description: ByteString | undefined;
  /** 8, 9 or 10; an older one that git-annex could upgrade from gives the newest. */
  readonly version: number | undefined;
  /** `only`: nothing but enabling special remotes that want it. `never`: not even looking for them. */
  readonly autoenable: 'only' | 'also' | 'never';
  /** Whether the hook that syncs after commits is installed, or removed; undefined: it stays as it is. */
  readonly hooks?: boolean | undefined;
}

/** `git annex init`. */
export async function initRepository(
  request: InitRepositoryRequest,
  context: OperationContext,
): Promise<Outcome> {
  await discoverRepository(request.folder);
  const subject = request.autoenable === 'only' ? ascii('autoenable') : request.description;
  const action: Action = { command: 'init', ...(subject === undefined ? {} : { subject }) };
  let recorded = false;
  context.emit({ type: 'start', action });
  try {
    if (request.autoenable !== 'only') recorded = await initializeHere(request, action, context);
    if (request.autoenable !== 'never') await lookAtRemotes(request.folder, action, context);
  } catch (error) {
    if (!(error instanceof AnnexError) || error.code === 'not-a-repository') throw error;
    context.emit({ type: 'end', action, success: false, errors: [error.message] });
    return { failed: 1, stoppedByLimit: false };
  }
  context.emit({ type: 'end', action, success: true });
  if (recorded) context.emit({ type: 'aside', text: RECORDING });
  return { failed: 0, stoppedByLimit: false };
}

const RECORDING = 'recording state in git...';

/** Whether something was recorded on the git-annex branch. */
async function initializeHere(
  request: InitRepositoryRequest,
  action: Action,
  context: OperationContext,
): Promise<boolean> {
  let recorded = false;
  const onAside = (text: string) => {
    if (text === RECORDING) recorded = true;
    else context.emit({ type: 'aside', text });
  };
  const parts = await openParts(request.folder, { onAside });
  try {
    checkSettings(parts.settings);
    if (parts.settings.get('annex.version') !== undefined) supportedVersion(parts.settings, parts.location);
    const { description, version } = request;
    const supported = version !== undefined && version < OLDEST_VERSION ? NEWEST_VERSION : version;
    const { notes } = await initialize(parts, { description, version: supported });
    for (const text of notes) context.emit({ type: 'long-note', action, text });
    const { installLockHook } = await import('../lock-cluster/lock-hook.js');
    const unlocked = await installLockHook(parts.location, parts.git, parts.settings);
    if (unlocked !== undefined) context.emit({ type: 'long-note', action, text: unlocked });
    if (request.hooks !== undefined) {
      const { installSyncHook, removeSyncHook } = await import('./sync-hook.js');
      const change = request.hooks ? installSyncHook : removeSyncHook;
      const text = await change(parts.location, parts.git);
      if (text !== undefined) context.emit({ type: 'long-note', action, text });
    }
  } finally {
    await parts.git.close();
  }
  const repository = await openRepository(request.folder, { onAside });
  try {
    const notes = await adjustAfterInit(repository);
    for (const text of notes) context.emit({ type: 'long-note', action, text });
  } finally {
    await repository.close();
  }
  return recorded;
}

/**
 * Records the uuids of remotes. Special remotes that ask to be enabled are named, since this program cannot set them up
 * yet.
 */
async function lookAtRemotes(folder: ByteString, action: Action, context: OperationContext): Promise<void> {
  const repository = await openRepository(folder);
  try {
    await recordRemotes(repository, openRepository, false, (text) => context.emit({ type: 'warning', text }));
    const names = await autoenableNames(repository);
    if (names.length === 0) return;
    const text = `Not enabled (use git-annex enableremote): ${names.join(', ')}`;
    context.emit({ type: 'long-note', action, text });
  } finally {
    await repository.close();
  }
}

async function autoenableNames(repository: Repository): Promise<string[]> {
  const remotes = remoteLog.values(await repository.branch.read(remoteLog.path));
  const known = new Set(
    repository.settings
      .subsections('remote')
      .map((name) => repository.settings.get(`remote.${name}.annex-uuid`)),
  );
  return [...remotes]
    .filter(([uuid, config]) => config.get(ascii('autoenable')) === 'true' && !known.has(uuid))
    .map(([uuid, config]) => toText(config.get(ascii('name')) ?? uuid));
}
