import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { type DeletionLimit, parseDeletionLimit } from '../../planning/deletion-limit.js';
import type { Settings } from '../../repository/settings/settings.js';

/** What the user asked a sync to do. Undefined leaves the choice to the settings. */
export interface SyncRequest {
  /** Names of remotes and groups of remotes; none: all of them. */
  readonly remotes: readonly ByteString[];
  readonly commit: boolean | undefined;
  readonly pull: boolean;
  readonly push: boolean;
  readonly content: boolean | undefined;
  /** Absolute or relative to `cwd`; not empty: only the content of these, whatever `content` is. */
  readonly contentOf: readonly ByteString[];
  /** The content of all versions of all files. */
  readonly all: boolean;
  readonly onlyAnnex: boolean | undefined;
  readonly cleanup: boolean;
  readonly resolveMerge: boolean | undefined;
  readonly allowUnrelatedHistories: boolean;
  /** Paragraphs of the commit message; none: git-annex's. */
  readonly messages: readonly ByteString[];
  /** Only the remotes with the lowest cost. */
  readonly fast: boolean;
  /** Looks at all content, also where nothing has changed since everything was in sync. */
  readonly full: boolean;
  /**
   * `attended`: somebody waits for the result: every remote is asked, and naming some ends their back-off. `unattended`:
   * remotes that failed recently are left alone. `retry`: as named by the retry of what failed.
   */
  readonly manner: 'attended' | 'unattended' | 'retry';
  /** Adds new files first (`assist`): those in `contentOf`, or all. */
  readonly addNew: boolean;
  /** How much may be deleted at once: `N` or `N%`. */
  readonly maxDelete: string | undefined;
  /** The current directory, absolute. */
  readonly cwd: ByteString;
}

/** What a sync does, all choices made. */
export interface SyncPlan {
  readonly commit: boolean;
  readonly pull: boolean;
  readonly push: boolean;
  readonly content: boolean;
  readonly onlyAnnex: boolean;
  readonly resolve: boolean;
  readonly maxDelete: DeletionLimit | undefined;
}

/**
 * Fills what the user left open from git config and the git-annex branch's `config.log`.
 * @throws `usage` for a limit that can't be read
 * @param contentByDefault `pull` and `push` move content unless told not to, `sync` when told to
 */
export function planSync(request: SyncRequest, settings: Settings, contentByDefault: boolean): SyncPlan {
  const onlyAnnex = request.onlyAnnex ?? settings.bool('annex.synconlyannex', false);
  const contentSetting = settings.get('annex.synccontent') !== undefined;
  const contentDefault = contentSetting
    ? settings.bool('annex.synccontent', contentByDefault)
    : contentByDefault || onlyAnnex;
  return {
    commit: !onlyAnnex && (request.commit ?? settings.bool('annex.autocommit', true)),
    pull: request.pull,
    push: request.push,
    content: request.contentOf.length > 0 || (request.content ?? contentDefault),
    onlyAnnex,
    resolve: request.resolveMerge ?? settings.bool('annex.resolvemerge', true),
    maxDelete: deletionLimit(request, settings),
  };
}

function deletionLimit({ maxDelete }: SyncRequest, settings: Settings): DeletionLimit | undefined {
  const text = maxDelete ?? settings.get('annex-ts.max-delete');
  if (text === undefined) return undefined;
  const limit = parseDeletionLimit(text);
  if (limit !== undefined) return limit;
  const where = maxDelete === undefined ? 'git config annex-ts.max-delete' : 'option --max-delete';
  throw new AnnexError('usage', `${where}: not a number or a percentage: ${text}`);
}
