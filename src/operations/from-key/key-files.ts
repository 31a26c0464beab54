import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path/posix';
import type { Action, Emit } from '../../domain/events.js';
import { type Key, keySize } from '../../domain/key.js';
import {
  maxPointerSize,
  parsePointer,
  parseSymlink,
  pointerContent,
  symlinkTarget,
} from '../../domain/pointers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import { isTreePath } from '../../repository/git/tree-update.js';
import type { Repository } from '../../repository/repository.js';
import { createFileRules } from '../add/file-rules.js';
import { type Staged, stageAll } from '../add/stage.js';
import type { OperationContext } from '../context.js';
import { createAttributes } from '../select/attributes.js';
import { createRunningAction } from '../transfer/running-action.js';

/** Makes files that stand for keys. */
export interface KeyFiles {
  /** Makes one at a path below the top. False: something else is there, which stays. */
  put(action: Action, key: Key, path: ByteString): Promise<boolean>;
  /** Puts what was made into git's index, fills unlocked files, and records the state; says so where there was any. */
  close(): Promise<void>;
}

/** Files staged together. */
const TOGETHER = 2048;

/**
 * @param top the work tree, absolute
 * @param stagesAgain whether a link that is there already is put into git's index once more
 */
export async function openKeyFiles(
  here: Repository,
  top: ByteString,
  context: OperationContext,
  stagesAgain = false,
): Promise<KeyFiles> {
  const rules = createFileRules(here, createAttributes(here));
  let made: Staged[] = [];
  let staged = false;
  const unlockedKeys = new Set<Key>();

  async function stage(): Promise<void> {
    const files = made;
    made = [];
    await stageAll(here, files, context.signal);
    if (files.length > 0) staged = true;
    for (const key of unlockedKeys) {
      const object = here.objects.locate(key);
      if (object !== undefined) await here.unlocked.populate(key, object);
    }
    unlockedKeys.clear();
  }
  return {
    async put(action, key, path) {
      const running = createRunningAction(action, context.emit);
      running.start();
      const file = `${top}/${path}` as ByteString;
      const stats = lstatSync(toPath(file), { throwIfNoEntry: false });
      if (stats !== undefined) {
        const same = path !== '' && (await keyOfFile(here, file)) === key;
        if (!same) running.failure(`${toText(action.file ?? path)} already exists with different content`);
        else if (stagesAgain && stats.isSymbolicLink())
          made.push({ path, mode: '120000', content: symlinkTarget(key, path) });
        running.end(same);
        return same;
      }
      if (!isTreePath(path) || !isReachable(top, path)) {
        running.failure(`${toText(action.file ?? path)} is not a place for a file of the work tree`);
        running.end(false);
        return false;
      }
      mkdirSync(toPath(dirname(file) as ByteString), { recursive: true });
      const object = here.objects.locate(key);
      const sample =
        object === undefined ? ({ size: keySize(key) ?? 0 } as Stats) : lstatSync(toPath(object));
      const [unlocked] = await rules.unlocked([{ path, stats: sample, operand: undefined }]);
      if (unlocked) {
        writeFileSync(toPath(file), toBuffer(pointerContent(key)), { flag: 'wx' });
        made.push({ path, mode: '100644', content: pointerContent(key) });
        unlockedKeys.add(key);
      } else {
        const target = symlinkTarget(key, path);
        symlinkSync(toPath(target), toPath(file));
        made.push({ path, mode: '120000', content: target });
      }
      if (made.length >= TOGETHER) await stage();
      running.end(true);
      return true;
    },
    async close() {
      await stage();
      await here.unlocked.flush();
      await recordStaged(here, context.emit, staged);
    },
  };
}

/** Whether only directories lead to a path; a link might lead out of the work tree. */
function isReachable(top: ByteString, path: ByteString): boolean {
  const parts = path.split('/');
  for (let i = 1; i < parts.length; i++) {
    const above = `${top}/${parts.slice(0, i).join('/')}` as ByteString;
    const stats = lstatSync(toPath(above), { throwIfNoEntry: false });
    if (stats === undefined) return true;
    if (!stats.isDirectory()) return false;
  }
  return true;
}

/** Records the state, and says so also where that was in git's index only. */
export async function recordStaged(
  { branch, settings }: Repository,
  emit: Emit,
  staged: boolean,
): Promise<void> {
  const committed = settings.bool('annex.alwayscommit', true) && (await branch.commit());
  if (committed || staged) emit({ type: 'aside', text: 'recording state in git...' });
}

/** The key that a work tree file (absolute) stands for, whatever git's index says of it. */
export async function keyOfFile({ unlocked }: Repository, file: ByteString): Promise<Key | undefined> {
  const path = toPath(file);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink()) return parseSymlink(fromBuffer(readlinkSync(path, 'buffer')));
  if (!stats?.isFile()) return undefined;
  const pointer = stats.size <= maxPointerSize ? parsePointer(fromBuffer(readFileSync(path))) : undefined;
  return pointer ?? (await unlocked.keysInState(file))[0];
}
