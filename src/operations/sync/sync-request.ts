import type { ByteString } from '../../lib/bytes.js';
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
}

/**
 * Fills what the user left open from git config and the git-annex branch's `config.log`.
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
  };
}
