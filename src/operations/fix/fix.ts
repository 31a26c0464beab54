import { lutimesSync, lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { parseSymlink, symlinkTarget } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import { openScratch } from '../add/scratch.js';
import type { OperationContext, Outcome } from '../context.js';
import { createAnnexContent } from '../lock/annex-content.js';
import type { Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { convertFiles } from '../unlock/convert-files.js';
import { linkTarget } from '../unlock/unlock.js';

/**
 * Makes symlinks that were moved lead to the annex again, and unlocked files copies or hard links of their objects as
 * `annex.thin` says: `fix`.
 */
export async function fix(
  here: Repository,
  selection: Selection,
  context: OperationContext,
): Promise<Outcome> {
  const scratch = await openScratch(here.annexDir, context.signal);
  const content = createAnnexContent(here, scratch.name);
  const { location, objects, unlocked } = here;

  async function relink({ key }: Item, path: ByteString): Promise<'done' | undefined> {
    const object = objects.locate(key);
    if (object === undefined || !(await unlocked.relink(path, key, object))) return undefined;
    if (lstatSync(toPath(object)).nlink === 1) content.seal(key);
    return 'done';
  }

  try {
    return await convertFiles(here, selection, 'fix', context, async (item) => {
      const { path } = item;
      if (path === undefined) return undefined;
      const file = `${location.workTree}/${path}` as ByteString;
      const target = linkTarget(file);
      if (target === undefined) return relink(item, path);
      const key = parseSymlink(target);
      const right = key === undefined ? target : symlinkTarget(key, path);
      if (right === target) return undefined;
      replaceLink(file, right, scratch.name());
      return { path, mode: '120000', content: right };
    });
  } finally {
    scratch.release();
  }
}

/** In one step, with the time of the old link. */
function replaceLink(file: ByteString, target: ByteString, link: ByteString): void {
  const { atime, mtime } = lstatSync(toPath(file));
  symlinkSync(toPath(target), toPath(link));
  try {
    lutimesSync(toPath(link), atime, mtime);
    renameSync(toPath(link), toPath(file));
  } finally {
    rmSync(toPath(link), { force: true });
  }
}
