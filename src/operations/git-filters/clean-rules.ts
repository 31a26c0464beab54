import { lstatSync, type Stats } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { isSecureBackend } from '../../domain/backends.js';
import type { Key } from '../../domain/key.js';
import { configLogPath, parseConfigLog } from '../../domain/logs/config-log.js';
import { maxPointerSize, parsePointer } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { branchRef } from '../../repository/branch/branch-parts.js';
import type { Repository } from '../../repository/repository.js';
import { createFileRules } from '../add/file-rules.js';
import { usualBackend } from '../add/make-key.js';
import { createAttributes } from '../select/attributes.js';

/** What is known of a file before its content is read. */
export interface CleanFacts {
  /** Of the work tree file; undefined: there is none. */
  readonly stats: Stats | undefined;
  /** The key that git's index has at the path, locked or unlocked. */
  readonly staged: Key | undefined;
  /** What git's index has at the path, where that is content of git's own. */
  readonly plain: PlainBlob | undefined;
  /** Keys whose unmodified content the file is known to be. */
  readonly known: readonly Key[];
  /** `annex.largefiles` is set for it. */
  readonly ruled: boolean;
}

export interface PlainBlob {
  readonly sha: ByteString;
  /** In bytes. */
  readonly size: number;
}

/** Decides what `git add` does with a file. Paths count from the top. */
export interface CleanRules {
  facts(path: ByteString): Promise<CleanFacts>;
  /** Whether the content is for the annex. */
  isAnnexed(path: ByteString, facts: CleanFacts, size: number): Promise<boolean>;
  /** The backend for a new key. */
  backend(path: ByteString): Promise<ByteString>;
  /** Throws `invalid-setting` when `annex.securehashesonly` forbids the backend. */
  assertSecure(backend: ByteString): void;
}

/**
 * git-annex's rules (measured): where `annex.largefiles` is set it decides, unless `annex.gitaddtoannex` is false. Where not, a
 * file stays what it was in the index, and one that was moved stays annexed. Content that git has itself stays git's as long
 * as it is not modified. Dotfiles are git's unless `annex.dotfiles`.
 */
export async function createCleanRules(repository: Repository): Promise<CleanRules> {
  const { git, settings, unlocked, location } = repository;
  const defaults = await git.object(`${branchRef}:${configLogPath}` as ByteString);
  if (defaults !== undefined) settings.useBranchDefaults(parseConfigLog(defaults.content));
  const attributes = createAttributes(repository);
  const rules = createFileRules(repository, attributes);
  const adds = settings.bool('annex.gitaddtoannex', true);
  const everywhere = settings.get('annex.largefiles') !== undefined;
  const dotfiles = settings.bool('annex.dotfiles', false);
  const secureOnly = settings.bool('annex.securehashesonly', false);

  async function isRuled(path: ByteString): Promise<boolean> {
    return adds && (everywhere || (await attributes.values('annex.largefiles', [path]))[0] !== undefined);
  }

  return {
    async facts(path) {
      const file = `${location.workTree}/${path}` as ByteString;
      const [{ staged, plain }, known, ruled] = await Promise.all([
        stagedAt(repository, path),
        unlocked.keysInState(file),
        isRuled(path),
      ]);
      return { stats: lstatSync(toPath(file), { throwIfNoEntry: false }), staged, plain, known, ruled };
    },
    async isAnnexed(path, { stats, staged, known, ruled }, size) {
      if (!ruled) return staged !== undefined || known.length > 0;
      if (staged === undefined && !dotfiles && isDotfile(path)) return false;
      const sized = { ...(stats ?? NO_FILE), size } as Stats;
      return (await rules.large([{ path, stats: sized, operand: undefined }]))[0] === true;
    },
    async backend(path) {
      return (await attributes.values('annex.backend', [path]))[0] ?? usualBackend(settings);
    },
    assertSecure(backend) {
      if (!secureOnly || isSecureBackend(backend)) return;
      const sentence = `annex.securehashesonly blocked adding ${toText(backend)} key to annex objects`;
      throw new AnnexError('invalid-setting', sentence);
    },
  };
}

const NO_FILE = { mode: 0o100644 };

function isDotfile(path: ByteString): boolean {
  return path.startsWith('.') || path.includes('/.');
}

/** What git's index has at a path. */
async function stagedAt(
  { git }: Repository,
  path: ByteString,
): Promise<Pick<CleanFacts, 'staged' | 'plain'>> {
  const name = `:0:${path}` as ByteString;
  for await (const info of git.objectInfo([name])) {
    if (info === undefined || info.type !== 'blob') return NOTHING;
    if (info.size > maxPointerSize) return { staged: undefined, plain: info };
  }
  const blob = await git.object(name);
  if (blob === undefined) return NOTHING;
  const staged = parsePointer(blob.content);
  const plain = staged === undefined ? { sha: blob.sha, size: blob.content.length } : undefined;
  return { staged, plain };
}

const NOTHING = { staged: undefined, plain: undefined };
