import { rmSync, statSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { type Key, keyFileName } from '../../domain/key.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { streamOf } from '../../lib/in-batches.js';
import { proveDrop } from '../../planning/prove-drop.js';
import type { Presence, Remote } from '../../remotes/remote.js';
import type { Session } from '../transfer/session.js';
import type { Check } from './check.js';
import type { Checker, CheckerOptions } from './check-here.js';
import { checkCopies, checkLocation, checkRequired, isDead } from './check-locations.js';
import { examineContent } from './examine-content.js';
import type { LocationFixes } from './location-fixes.js';

/** Checks what a remote has: whether it is there, and unless `fast` reads it. Bad content is dropped from the remote. */
export function createRemoteChecker(
  session: Session,
  remote: Remote,
  fixes: LocationFixes,
  options: CheckerOptions,
): Checker {
  const { here, policy, context } = session;
  const { signal } = context;
  const examining = { branch: here.branch, fast: options.fast, signal };

  function scratchFor(key: Key): ByteString {
    const place = here.objects.tmpPath(key);
    return `${place.slice(0, place.lastIndexOf('/'))}/fsck${process.pid}.${keyFileName(key)}` as ByteString;
  }

  async function checkContent(check: Check): Promise<void> {
    const scratch = scratchFor(check.key);
    try {
      const file = await fileOf(remote, check.key, scratch, signal);
      if (file instanceof AnnexError) return check.problem(file.message);
      const { size } = statSync(toPath(file));
      const wrong = await examineContent(check, file, size, examining);
      if (wrong !== undefined) await dropBad(check, wrong);
    } finally {
      rmSync(toPath(scratch), { force: true });
    }
  }

  async function dropBad(check: Check, wrong: string): Promise<void> {
    const error = await drop(remote, check.key, signal);
    const name = toText(remote.name);
    if (error !== undefined) {
      // The missing blank is git-annex's.
      return check.problem(check.name, `: ${wrong}; failed to drop from${name}: ${error.message}`);
    }
    fixes.fix(check, '0');
    await fixes.flush();
    check.problem(check.name, `: ${wrong}; dropped from ${name}`);
  }

  /** Of the items at hand, where they are checked so soon that it still holds then. */
  let known = new Map<Key, Presence>();

  return {
    async prepare(items) {
      if (options.fast) known = await presenceOfAll(remote, new Set(items.map(({ key }) => key)), signal);
    },
    async check(check, { numcopies, requiredBy }) {
      const presence = known.get(check.key) ?? (await presenceOf(remote, check.key, signal));
      if (presence instanceof AnnexError) {
        check.note(`unable to check ${toText(remote.name)}`);
        return check.fail();
      }
      const present = presence === 'present';
      checkLocation(check, remote.uuid, present, fixes);
      if (!present && isDead(check)) return check.longNote('This key is dead, skipping.');
      checkRequired(check, requiredBy, policy.known);
      if (present && !options.fast) await checkContent(check);
      checkCopies(check, numcopies, policy.known);
    },
    end: async () => undefined,
  };
}

/** As far as the remote answers: of the others it is asked again, one by one. */
async function presenceOfAll(
  remote: Remote,
  keys: Iterable<Key>,
  signal: AbortSignal,
): Promise<Map<Key, Presence>> {
  const found = new Map<Key, Presence>();
  try {
    for await (const { key, presence } of remote.presence(streamOf(keys), { signal }))
      found.set(key, presence);
  } catch (error) {
    failure(error, signal);
  }
  return found;
}

async function presenceOf(remote: Remote, key: Key, signal: AbortSignal): Promise<Presence> {
  try {
    for await (const { presence } of remote.presence(streamOf([key]), { signal })) return presence;
    return new AnnexError('remote-unavailable', 'the remote did not answer');
  } catch (error) {
    return failure(error, signal);
  }
}

async function fileOf(
  remote: Remote,
  key: Key,
  scratch: ByteString,
  signal: AbortSignal,
): Promise<ByteString | AnnexError> {
  if (remote.examine === undefined) {
    const name = toText(remote.name);
    return new AnnexError(
      'remote-unavailable',
      `the contents of ${name} can't be read for checking; use --fast`,
    );
  }
  try {
    for await (const { file, error } of remote.examine(streamOf([{ key, scratch }]), { signal }))
      return file ?? error;
    return new AnnexError('remote-unavailable', 'the remote did not answer');
  } catch (error) {
    return failure(error, signal);
  }
}

/** Content that is not the key's is no copy, so that no other copies are asked for. */
async function drop(remote: Remote, key: Key, signal: AbortSignal): Promise<AnnexError | undefined> {
  if (remote.readonly) return new AnnexError('read-only', 'this remote is readonly');
  const facts = {
    key,
    target: remote.uuid,
    locked: [],
    trusted: [],
    numcopies: 1,
    mincopies: 1,
    force: true,
  };
  const { proof } = proveDrop(facts);
  if (proof === undefined) return new AnnexError('internal', 'there is no proof');
  try {
    for await (const { error } of remote.remove(streamOf([{ key, proof }]), { signal })) return error;
    return new AnnexError('remote-unavailable', 'the remote did not answer');
  } catch (error) {
    return failure(error, signal);
  }
}

function failure(error: unknown, signal: AbortSignal): AnnexError {
  if (!(error instanceof AnnexError) || signal.aborted) throw error;
  return error;
}
