import { setTimeout as pause } from 'node:timers/promises';
import type { ByteString } from '../../lib/bytes.js';
import type { RefWatch } from '../../protocol/served-services.js';
import type { Repository } from '../../repository/repository.js';
import { foldersFrom, watchFolders } from './watch-folders.js';

/** Milliseconds in which changes that belong together, such as a push's, gather before they are told. */
const GATHERING = 100;
/** Milliseconds after which the refs are looked at unasked, where the system cannot tell of changes. */
const LOOKING = 30_000;

type Refs = ReadonlyMap<ByteString, ByteString>;

/** A watch of refs; `ready` resolves when changes from then on are seen. */
export interface StartedRefWatch extends RefWatch {
  ready(): Promise<void>;
}

/**
 * Watches the refs of a repository: the system tells when a file of theirs changed, and only then git is asked which ones
 * point elsewhere. The objects' names are told, because with these git-annex's clients find out whether they have them.
 */
export function watchRefs({ location, git }: Pick<Repository, 'location' | 'git'>): StartedRefWatch {
  const { commonDir } = location;
  let changed = false;
  let wake = () => {};
  const note = () => {
    changed = true;
    wake();
  };
  const folders = watchFolders((folder, name) => {
    if (folder === commonDir ? name === 'packed-refs' : !name.endsWith('.lock')) note();
  });
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<Refs> {
    changed = false;
    clearInterval(timer);
    if (!folders.cover(refFolders(commonDir))) timer = setInterval(note, LOOKING);
    return new Map((await git.refs()).map(({ name, sha }) => [name, sha]));
  }
  let known = look();
  known.catch(() => undefined);

  return {
    ready: async () => void (await known),
    async next() {
      for (;;) {
        const before = await known;
        if (!changed) await new Promise<void>((resolve) => (wake = resolve));
        await pause(GATHERING);
        known = look();
        const different = newIn(await known, before);
        if (different.length > 0) return different;
      }
    },
    close() {
      clearInterval(timer);
      folders.close();
    },
  };
}

function* refFolders(commonDir: ByteString): Generator<ByteString> {
  yield commonDir;
  yield* foldersFrom(`${commonDir}/refs` as ByteString);
  yield* foldersFrom(`${commonDir}/reftable` as ByteString);
}

function newIn(now: Refs, before: Refs): ByteString[] {
  return [...new Set([...now].filter(([name, sha]) => before.get(name) !== sha).map(([, sha]) => sha))];
}
