import { AnnexError } from '../../domain/errors.js';
import { type Transition, addTransitions, transitionsPath } from '../../domain/logs/transitions-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import { createMutex } from '../../lib/mutex.js';
import { pipelined } from '../../lib/pipelined.js';
import type { Git } from '../git/git.js';
import { isTreePath } from '../git/tree-update.js';
import { waitForFileLock } from '../locks/wait-for-lock.js';
import type { Settings } from '../settings/settings.js';
import type { AnnexBranch, BranchChange, BranchFile } from './annex-branch.js';
import { openAnnexIndex } from './annex-index.js';
import type { BranchParts } from './branch-parts.js';
import { branchRef } from './branch-parts.js';
import { type BranchHooks, createBranchHooks } from './branch-hooks.js';
import { type BranchView, createViewer } from './branch-view.js';
import { commitJournal } from './commit-journal.js';
import { ensureBranch } from './create-branch.js';
import { openJournal } from './journal.js';
import type { LogClock } from './log-clock.js';
import { findUnmerged, mergeBranches, performTransition } from './merge-branches.js';
import { readAllFiles } from './read-all.js';

export interface AnnexBranchOptions {
  readonly git: Git;
  /** `<commonDir>/annex`. */
  readonly annexDir: ByteString;
  readonly settings: Pick<Settings, 'get' | 'bool'>;
  readonly clock: LogClock;
  /** Whether other branches are read beside this one and never merged into it. */
  readonly observe?: boolean;
  /** Whether nothing about a repository may get to the branch. */
  readonly isPrivate?: (uuid: Uuid) => boolean;
  /** Exact permissions of journal and lock files, where `core.sharedRepository` wants other than the umask gives. */
  readonly fileMode?: number | undefined;
  /** Called before a commit is made ("recording state in git..."). */
  readonly onCommit?: () => void;
  /** Called before branches are merged, with their names as git-annex shows them: `origin/git-annex`. */
  readonly onMerge?: (names: readonly ByteString[]) => void;
  readonly signal?: AbortSignal;
}

/** Files read ahead; and how many are read before the journal and the branch are looked at anew. */
const window = 512;
/** Changes whose present contents are read at once. */
const portion = 512;
/** A call with so few changes looks for their journal files instead of listing the journal, which a server's may be long. */
const fewPaths = 16;
/** A call with so many changes commits them at once. */
const enoughToCommit = 1000;

export function openAnnexBranch(options: AnnexBranchOptions): AnnexBranch {
  const { git, annexDir, settings, fileMode } = options;
  const folder = (name: string): ByteString => `${annexDir}/${name}` as ByteString;
  const temporary = folder('othertmp');
  const journal = openJournal({ folder: folder('journal'), temporary, fileMode });
  const privateJournal = openJournal({ folder: folder('journal-private'), temporary, fileMode });
  const index = openAnnexIndex(git, annexDir);
  const parts: BranchParts = { ...options, journal, index };
  const viewer = createViewer({ git, journal, privateJournal });
  const isPrivate = remembering(options.isPrivate ?? (() => false));
  const mutex = createMutex();
  const hooks = hooksOf(options);
  /** Branches that cannot be merged, and are therefore read beside ours. */
  let unmerged: readonly ByteString[] = [];
  let updated: Promise<void> | undefined;

  /** Holds the journal lock for what may move the branch. */
  const locked = <T>(job: () => Promise<T>): Promise<T> =>
    mutex.run(async () => {
      const before = await git.resolve(branchRef);
      const result = await withLocks(job);
      if ((await git.resolve(branchRef)) !== before) await hooks.updated();
      return result;
    });
  /** Holds the journal lock, and keeps git-annex from emptying the folder of files being written. */
  const withLocks = async <T>(job: () => Promise<T>): Promise<T> => {
    const lockOptions = { mode: fileMode, signal: options.signal };
    const journalLock = await waitForFileLock(folder('journal.lck'), 'exclusive', lockOptions);
    try {
      const temporaryLock = await waitForFileLock(folder('othertmp.lck'), 'shared', lockOptions);
      try {
        return await job();
      } finally {
        temporaryLock.release();
      }
    } finally {
      journalLock.release();
    }
  };

  const message = async (): Promise<ByteString> => {
    const set = (await hooks.commitMessage()) ?? settings.get('annex.commitmessage');
    return withNewline(set === undefined || set === '' ? ('update' as ByteString) : set);
  };

  const update = async (): Promise<void> => {
    unmerged = [];
    const found = await findUnmerged(parts);
    if (found.length === 0) return;
    try {
      if (options.observe || (await git.resolve(branchRef)) === undefined)
        unmerged = found.map(({ sha }) => sha);
      else await locked(() => mergeBranches(parts, message));
    } catch (error) {
      if (!(error instanceof AnnexError) || (error.code !== 'read-only' && error.code !== 'permission'))
        throw error;
      unmerged = found.map(({ sha }) => sha);
    }
  };
  const ready = (): Promise<void> => {
    updated ??= settings.bool('annex.merge-annex-branches', true) ? update() : Promise.resolve();
    return updated;
  };

  async function* readMany(
    paths: AsyncIterable<ByteString> | Iterable<ByteString>,
  ): AsyncGenerator<BranchFile> {
    await ready();
    let view: Promise<BranchView> | undefined;
    let uses = 0;
    yield* pipelined(paths, window, async (path) => {
      if (view === undefined || ++uses > window) {
        view = viewer.view(unmerged);
        uses = 0;
      }
      return { path, content: await (await view).all(path) };
    });
  }

  const append = (all: readonly BranchChange[], { path, lines, about }: BranchChange): boolean => {
    const alone = all.filter((other) => other.path === path).length === 1;
    const hidden = about !== undefined && isPrivate(about);
    return lines !== undefined && alone && !hidden && journal.append(path, lines);
  };

  const applyChanges = async (given: readonly BranchChange[]): Promise<void> => {
    if (!given.every(({ path }) => isTreePath(path))) {
      throw new AnnexError('internal', 'a path that cannot be on the git-annex branch was to be changed');
    }
    const tip = await ensureBranch(parts);
    const compacts = settings.bool('annex.alwayscompact', true) || given.length > fewPaths;
    const changes = compacts ? given : given.filter((change) => !append(given, change));
    // So many files would cost more time to make and delete than the commit takes.
    const direct = changes.length >= enoughToCommit && settings.bool('annex.alwayscommit', true);
    const few = changes.length <= fewPaths ? changes.map(({ path }) => path) : undefined;
    const view = await viewer.view(unmerged, few, tip);
    const shared = new Map<ByteString, ByteString>();
    const secret = new Map<ByteString, ByteString>();
    for (let start = 0; start < changes.length; start += portion) {
      const some = changes.slice(start, start + portion);
      const hidden = some.map(({ about }) => about !== undefined && isPrivate(about));
      const contents = await Promise.all(
        some.map(({ path }, i) => (hidden[i] ? view.all(path) : view.public(path))),
      );
      const news = new Set<ByteString>();
      const secretNews = new Set<ByteString>();
      some.forEach(({ path, change }, i) => {
        const changed = hidden[i] ? secret : shared;
        // Several changes of one file build on each other.
        const before = changed.get(path) ?? (contents[i] as ByteString);
        const after = change(before);
        if (after === before) return;
        changed.set(path, after);
        (hidden[i] ? secretNews : news).add(path);
      });
      for (const path of secretNews) privateJournal.write(path, secret.get(path) as ByteString);
      if (!direct) for (const path of news) journal.write(path, shared.get(path) as ByteString);
    }
    if (direct && shared.size > 0)
      await commitJournal(parts, message, { contents: shared, basis: view.commits[0] });
  };

  return {
    async read(path) {
      await ready();
      return (await viewer.view(unmerged, [path])).all(path);
    },
    readMany,
    async *readAll(wanted) {
      await ready();
      yield* readAllFiles(git, await viewer.view(unmerged), wanted);
    },
    async change(changes) {
      if (changes.length === 0) return;
      await ready();
      const job = () => applyChanges(changes);
      const moves = changes.length >= enoughToCommit || (await git.resolve(branchRef)) === undefined;
      await (moves ? locked(job) : mutex.run(() => withLocks(job)));
    },
    async commit(given) {
      if (journal.paths().size === 0) return false;
      return locked(() =>
        commitJournal(parts, given === undefined ? message : async () => withNewline(fromText(given))),
      );
    },
    update() {
      updated = update();
      return updated;
    },
    async create() {
      if ((await git.resolve(branchRef)) !== undefined) return;
      await locked(() => ensureBranch(parts));
      updated = undefined;
    },
    async forget({ dropDead }) {
      await ready();
      const clock = options.clock.now();
      const wanted: Transition[] = [{ name: 'ForgetGitHistory', clock }];
      if (dropDead) wanted.push({ name: 'ForgetDeadRemotes', clock });
      await locked(async () => {
        await applyChanges([{ path: transitionsPath, change: (content) => addTransitions(content, wanted) }]);
        await commitJournal(parts, message);
        await performTransition(parts);
      });
    },
    tip: () => git.resolve(branchRef),
    close: async () => undefined,
  };
}

function withNewline(text: ByteString): ByteString {
  return text.endsWith('\n') ? text : (`${text}\n` as ByteString);
}

function hooksOf({ annexDir, settings }: AnnexBranchOptions): BranchHooks {
  const commonDir = annexDir.slice(0, annexDir.lastIndexOf('/')) as ByteString;
  const top = commonDir.endsWith('/.git') ? (commonDir.slice(0, -'/.git'.length) as ByteString) : commonDir;
  return createBranchHooks(settings, commonDir, top === '' ? ('/' as ByteString) : top);
}

/** Asks once per repository, not once per change. */
function remembering(ask: (uuid: Uuid) => boolean): (uuid: Uuid) => boolean {
  const known = new Map<Uuid, boolean>();
  return (uuid) => {
    const answer = known.get(uuid) ?? ask(uuid);
    known.set(uuid, answer);
    return answer;
  };
}
