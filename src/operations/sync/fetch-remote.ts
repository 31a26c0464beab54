import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { GitRunOptions } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import type { Settings } from '../../repository/settings/settings.js';
import type { SyncRemote } from './choose-remotes.js';
import { isEmpty } from './guard-work-tree.js';
import { runInTime } from './run-in-time.js';
import { annexRef, type Refs, syncedAnnexRef, trackingRef } from './known-refs.js';

/** What a remote answered. */
export interface FetchedRemote {
  /** Its refs at that moment. */
  readonly refs: Refs;
  /** What git said while fetching; empty when there was nothing to fetch. */
  readonly complaint: string;
}

export interface FetchOptions {
  /** Fetches the git-annex branch and nothing else. */
  readonly onlyAnnex: boolean;
  readonly signal: AbortSignal;
}

/** Seconds a remote may take to tell its refs (`annex-ts.remote-timeout`). */
const patience = 30;

/**
 * Asks a remote for its refs and fetches when they tell of something new.
 * @param known our refs, where what was fetched before is looked up
 * @throws `remote-unavailable` when it can't be reached or does not answer in time
 */
export async function fetchRemote(
  repository: Repository,
  remote: SyncRemote,
  known: Refs,
  options: FetchOptions,
): Promise<FetchedRemote> {
  const { git, settings } = repository;
  const refs = await remoteRefs(repository, remote, options.signal);
  const specs = refspecs(settings, remote, refs, options.onlyAnnex);
  if (specs === undefined || !hasNews(settings, remote, refs, known, options.onlyAnnex)) {
    return { refs, complaint: '' };
  }
  const fetched = await git.run(['fetch', '--', remote.name, ...specs], {
    accept: 'any',
    ...reaching(remote, options.signal),
  });
  if (fetched.exitCode !== 0) throw unavailable(remote, fetched.stderr);
  return { refs, complaint: fetched.stderr };
}

/** How to run a git that talks to a remote. */
export function reaching(
  { env }: SyncRemote,
  signal: AbortSignal,
): Pick<GitRunOptions, 'env'> & { readonly signal: AbortSignal } {
  return env === undefined ? { signal } : { signal, env };
}

/** The branches and tags a remote has now. */
export async function remoteRefs(
  { settings, location }: Repository,
  remote: SyncRemote,
  signal: AbortSignal,
): Promise<Refs> {
  const seconds = settings.int('annex-ts.remote-timeout', patience);
  const args = ['ls-remote', '--heads', '--tags', '--', remote.name];
  const listed = await runInTime(location, args, seconds * 1000, reaching(remote, signal));
  if (listed === undefined) {
    throw new AnnexError('remote-unavailable', `${toText(remote.name)} did not answer within ${seconds} s`);
  }
  if (listed.exitCode !== 0) throw unavailable(remote, listed.stderr);
  const refs = new Map<ByteString, ByteString>();
  for (const line of listed.stdout.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab > 0) refs.set(line.slice(tab + 1) as ByteString, line.slice(0, tab) as ByteString);
  }
  return refs;
}

/** What to name on git's command line; undefined when there is nothing that could be fetched. */
function refspecs(
  settings: Settings,
  remote: SyncRemote,
  refs: Refs,
  onlyAnnex: boolean,
): ByteString[] | undefined {
  if (onlyAnnex) {
    const branches = [annexRef, syncedAnnexRef].filter((ref) => refs.has(ref));
    if (branches.length === 0) return undefined;
    return branches.map((ref) => `+${ref}:${trackingRef(remote.name, ref)}` as ByteString);
  }
  if (settings.getAll(`remote.${remote.name}.fetch`).length > 0) return [];
  // Without a setting (`git clone --bare`) git would fetch one branch and remember nothing.
  return [`+refs/heads/*:refs/remotes/${remote.name}/*` as ByteString];
}

function hasNews(
  settings: Settings,
  remote: SyncRemote,
  refs: Refs,
  known: Refs,
  onlyAnnex: boolean,
): boolean {
  const specs = settings.getAll(`remote.${remote.name}.fetch`);
  const usual = `+refs/heads/*:refs/remotes/${remote.name}/*`;
  if (!onlyAnnex && specs.length > 0 && (specs.length > 1 || specs[0] !== usual)) return true;
  if (settings.bool('fetch.prune', false) || settings.bool(`remote.${remote.name}.prune`, false)) return true;
  for (const [ref, sha] of refs) {
    if (onlyAnnex && ref !== annexRef && ref !== syncedAnnexRef) continue;
    if (ref.startsWith('refs/heads/') && known.get(trackingRef(remote.name, ref)) !== sha) return true;
    if (!onlyAnnex && ref.startsWith('refs/tags/') && !ref.endsWith('^{}') && !known.has(ref)) return true;
  }
  return false;
}

/** An error for git's complaint about a remote, in one sentence. */
export function unavailable(remote: SyncRemote, stderr: string): AnnexError {
  if (remote.address.kind === 'local' && isEmpty(remote.address.path)) {
    const where = toText(remote.address.path);
    return new AnnexError(
      'remote-unavailable',
      `cannot access ${toText(remote.name)}: ${where} is an empty folder`,
      {
        hint: 'Is its drive mounted?',
      },
    );
  }
  const reason = gitsReason(stderr);
  const name = toText(remote.name);
  return new AnnexError('remote-unavailable', `cannot access ${name}${reason === '' ? '' : `: ${reason}`}`);
}

/** Where git only says that it could not read, the program it asked has said why in the line before. */
function gitsReason(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const fatal = lines.findIndex((line) => /^(fatal|error|ssh): /.test(line));
  const vague = /^fatal: Could not read from remote repository/.test(lines[fatal] ?? '');
  const line = lines[vague && fatal > 0 ? fatal - 1 : Math.max(fatal, 0)] ?? '';
  return line.replace(/^(fatal|error): /, '');
}
