import { readlinkSync } from 'node:fs';
import { type Key, keySize } from '../../domain/key.js';
import { parseSymlink, pointerContent } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import type { Staged } from '../add/stage.js';
import type { OperationContext, Outcome } from '../context.js';
import type { Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import type { RunningAction } from '../transfer/running-action.js';
import { type Convert, convertFiles } from './convert-files.js';

/** Makes locked files unlocked ones, which can be written: `unlock`, `edit`. */
export async function unlock(
  here: Repository,
  selection: Selection,
  context: OperationContext,
): Promise<Outcome> {
  return convertFiles(here, selection, 'unlock', context, unlocker(here));
}

function unlocker({ location, objects, unlocked, settings }: Repository): Convert {
  const thin = settings.bool('annex.thin', false);
  const stagedAs = (path: ByteString, mode: number, key: Key): Staged => {
    return { path, mode: (mode & 0o111) === 0 ? '100644' : '100755', content: pointerContent(key) };
  };

  /** A run that was killed has unlocked the file, and not told git, which still knows it as a link. */
  async function resume({ path, key, unlocked: pointer }: Item, running: RunningAction) {
    if (path === undefined || pointer) return undefined;
    const mode = await unlocked.resumeUnlock(path, key, objects.locate(key));
    if (mode === undefined) return undefined;
    running.start();
    return stagedAs(path, mode, key);
  }

  return async (item, running) => {
    const { path } = item;
    if (path === undefined) return undefined;
    const target = linkTarget(`${location.workTree}/${path}` as ByteString);
    if (target === undefined) return resume(item, running);
    const key = parseSymlink(target);
    if (key === undefined) return undefined;
    running.start();
    const object = objects.locate(key);
    if (object !== undefined && !thin) objects.reserve(keySize(key) ?? 0);
    const mode = await unlocked.unlock(path, key, object);
    if (mode === undefined) throw new Error('changed while it was being unlocked');
    return stagedAs(path, mode, key);
  };
}

/** Undefined: there is no symlink. */
export function linkTarget(file: ByteString): ByteString | undefined {
  try {
    return fromBuffer(readlinkSync(toPath(file), { encoding: 'buffer' }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
