import { statSync } from 'node:fs';
import { AnnexError } from '../../../domain/errors.js';
import type { Uuid } from '../../../domain/uuid.js';
import { toPath } from '../../../lib/buffers.js';
import type { ByteString } from '../../../lib/bytes.js';
import type { Repository } from '../../../repository/repository.js';
import { openRepository } from '../../open-repository.js';
import { type ContentHook, createContentHook } from '../content-hook.js';
import { serveRepository } from '../serve-repository.js';
import { type ChangeRecorder, createChangeRecorder } from '../record-changes.js';
import type { KeptNode } from './kept-node.js';
import { lazyContent } from './lazy-content.js';
import { notAtOnceAgain } from './not-at-once-again.js';

/** Milliseconds after which a repository that could not be opened is tried again. */
const AGAIN = 1000;

interface Opened {
  readonly repository: Repository;
  readonly changes: ChangeRecorder | ContentHook;
  readonly place: string | undefined;
}

/**
 * A repository on a path of this machine: it is opened in this process, and again when another disk is there.
 * @param onError of one that stays open for long, so that its changes are committed soon: hears what goes wrong with that
 */
export function localNode(path: ByteString, uuid: Uuid, onError?: (error: unknown) => void): KeptNode {
  let opening: Promise<Opened> | undefined;
  const attempt = notAtOnceAgain(AGAIN);

  async function renewed(before: Promise<Opened> | undefined): Promise<Opened> {
    const opened = await before?.catch(() => undefined);
    if (opened !== undefined && opened.place === placeOf(opened.repository.location.gitDir)) return opened;
    if (opened !== undefined) await shut(opened).catch(() => undefined);
    return attempt.run(() => openExpected(path, uuid, onError));
  }
  const current = (): Promise<Opened> => {
    opening = renewed(opening);
    return opening;
  };
  return {
    ready: async () => void (await current()),
    serve: (client) =>
      lazyContent(uuid, async () => {
        const { repository, changes } = await current();
        return serveRepository({ repository, ...client, onChange: changes.changed });
      }),
    async close() {
      const opened = await opening?.catch(() => undefined);
      opening = undefined;
      if (opened !== undefined) await shut(opened);
    },
  };
}

async function openExpected(
  path: ByteString,
  uuid: Uuid,
  onError: ((error: unknown) => void) | undefined,
): Promise<Opened> {
  const repository = await openThere(path);
  const opened = {
    repository,
    changes:
      onError === undefined
        ? createContentHook(repository.location)
        : createChangeRecorder(repository, onError),
    place: placeOf(repository.location.gitDir),
  };
  if (repository.uuid === uuid) return opened;
  await shut(opened);
  const found = `expected repository UUID ${uuid} but found UUID ${repository.uuid}`;
  throw new AnnexError('remote-uuid-mismatch', found);
}

/** Clients may not see the paths of the gateway. */
async function openThere(path: ByteString): Promise<Repository> {
  try {
    return await openRepository(path);
  } catch (error) {
    if (!(error instanceof AnnexError) || error.code !== 'not-a-repository') throw error;
    const sentence = 'there is no repository at its path on the gateway (is its drive mounted?)';
    throw new AnnexError('remote-unavailable', sentence, { cause: error });
  }
}

async function shut({ repository, changes }: Opened): Promise<void> {
  if ('close' in changes) await changes.close();
  await repository.close();
  if ('run' in changes) await changes.run();
}

/** Tells a folder from another one that was put in its place. */
function placeOf(folder: ByteString): string | undefined {
  const stat = statSync(toPath(folder), { throwIfNoEntry: false });
  return stat && `${stat.dev} ${stat.ino}`;
}
