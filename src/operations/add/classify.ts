import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { Attributes } from '../select/attributes.js';
import type { Candidate } from './candidates.js';
import { createKeyMaker, type KeyMaker, usualBackend } from './make-key.js';

/** What becomes of a file. */
export type Destiny =
  | { readonly kind: 'link' }
  /** It is passed over silently. */
  | { readonly kind: 'nothing' }
  /** Content for git itself; the note says why. */
  | { readonly kind: 'git'; readonly note: string }
  | { readonly kind: 'annex'; readonly keys: KeyMaker; readonly unlocked: boolean };

export interface ClassifyOptions {
  readonly forceLarge: boolean;
  readonly forceSmall: boolean;
  readonly backend: ByteString | undefined;
}

/** Decides about files, in the order given. */
export type Classify = (candidates: readonly Candidate[]) => Promise<Destiny[]>;

const TO_GIT = 'adding content to git repository';

/** Follows the options, then `annex.dotfiles`, `annex.largefiles`, `annex.addsmallfiles`, `annex.addunlocked` and `annex.backend`. */
export function createClassify(
  repository: Repository,
  attributes: Attributes,
  rules: FileRules,
  options: ClassifyOptions,
): Classify {
  const { settings } = repository;
  const dotfiles = settings.bool('annex.dotfiles', false);
  const addsSmall = settings.bool('annex.addsmallfiles', true);
  const makers = new Map<ByteString, Promise<KeyMaker>>();
  const makerFor = (backend: ByteString): Promise<KeyMaker> => {
    let maker = makers.get(backend);
    if (maker === undefined) {
      maker = createKeyMaker(backend, settings);
      makers.set(backend, maker);
    }
    return maker;
  };

  return async (candidates) => {
    const paths = candidates.map(({ path }) => path);
    const backends =
      options.backend === undefined
        ? await attributes.values('annex.backend', paths)
        : paths.map(() => options.backend);
    const large = options.forceLarge || options.forceSmall ? [] : await rules.large(candidates);
    const unlocked = await rules.unlocked(candidates);
    const toGit = (why: string): Destiny =>
      addsSmall ? { kind: 'git', note: `${why}; ${TO_GIT}` } : { kind: 'nothing' };
    return Promise.all(
      candidates.map(async ({ path, stats }, i): Promise<Destiny> => {
        if (stats.isSymbolicLink()) return { kind: 'link' };
        if (options.forceSmall) return { kind: 'git', note: TO_GIT };
        if (!options.forceLarge) {
          if (!dotfiles && isDotfile(path)) return toGit('dotfile');
          if (large[i] === false) return toGit('non-large file');
        }
        const keys = await makerFor(backends[i] ?? usualBackend(settings));
        return { kind: 'annex', keys, unlocked: unlocked[i] === true };
      }),
    );
  };
}

/** What expressions say of files that are not annexed yet, in the order given. */
export interface FileRules {
  /** `annex.largefiles`; true where nothing is configured. */
  large(candidates: readonly Candidate[]): Promise<boolean[]>;
  /** `annex.addunlocked`. */
  unlocked(candidates: readonly Candidate[]): Promise<boolean[]>;
}

function isDotfile(path: ByteString): boolean {
  return path.startsWith('.') || path.includes('/.');
}
