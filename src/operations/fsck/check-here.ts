import { lstatSync, readFileSync } from 'node:fs';
import { isSecureBackend } from '../../domain/backends.js';
import { keyBackend } from '../../domain/key.js';
import { maxPointerSize, parsePointer } from '../../domain/pointers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { relativePath } from '../keys-info/relative-path.js';
import type { Item } from '../select/item.js';
import type { Session } from '../transfer/session.js';
import type { Check } from './check.js';
import { checkCopies, checkLocation, checkRequired, isDead } from './check-locations.js';
import { examineContent } from './examine-content.js';
import { createLinkFixer } from './fix-link.js';
import { isImprovable } from './improvable-key.js';
import type { LocationFixes } from './location-fixes.js';
import { restoreObject } from './restore-object.js';
import { createObjectSettler, type FoundObject } from './settle-object.js';
import type { Expectations } from './expectations.js';

/** Checks items one by one. */
export interface Checker {
  /** Items that are checked next: what is known of all of them at once is found out. */
  readonly prepare?: (items: readonly Item[]) => Promise<void>;
  check(check: Check, expected: Expectations): Promise<void>;
  /** Brings to an end what concerns all items. */
  end(): Promise<void>;
}

export interface CheckerOptions {
  readonly fast: boolean;
  /** Absolute; paths in messages are seen from there. */
  readonly cwd: ByteString;
}

/** Checks contents of this repository, in git-annex's order. */
export function createLocalChecker(session: Session, fixes: LocationFixes, options: CheckerOptions): Checker {
  const { here, policy, context } = session;
  const { workTree, commonDir } = here.location;
  const links = workTree === undefined ? undefined : createLinkFixer(here, workTree);
  const settler = createObjectSettler(here);
  const secureOnly = here.settings.bool('annex.securehashesonly', false);
  const examining = { branch: here.branch, fast: options.fast, signal: context.signal };

  /** As git-annex names it: in the work tree's `.git`, wherever that leads, or `./annex/...` in a bare repository. */
  function shownPath(path: ByteString): string {
    if (workTree === undefined) return toText(relativePath(options.cwd, path)).replace(/^(?!\.\.\/)/, './');
    return toText(relativePath(options.cwd, `${workTree}/.git${path.slice(commonDir.length)}` as ByteString));
  }

  async function fixWorkTreeFile(check: Check, path: ByteString, object: FoundObject): Promise<void> {
    if (!check.item.unlocked || !isPointerFile(`${workTree}/${path}` as ByteString, check)) return;
    check.note('fixing worktree content');
    await here.unlocked.populate(check.key, object.path);
  }

  async function checkContent(check: Check, { path, stats, rewritten }: FoundObject): Promise<void> {
    if (rewritten) return;
    const wrong = await examineContent(check, path, stats.size, examining);
    if (wrong === undefined) return;
    const bad = here.objects.quarantine(check.key);
    const restored = await restoreObject(here, check.key);
    if (!restored) {
      fixes.fix(check, '0');
      await fixes.flush();
    }
    check.problem(check.name, `: ${wrong}; moved to ${shownPath(bad)}`);
    if (restored) check.note('restored from the work tree');
  }

  return {
    async check(check, { numcopies, requiredBy }) {
      const { path, unlocked } = check.item;
      if (path !== undefined && !unlocked) {
        await links?.fix(path, check.key, () => check.note('fixing link'));
      }
      const object = await settler.settle(check);
      if (object !== undefined && secureOnly) warnOfInsecure(check, shownPath(object.path));
      checkLocation(check, here.uuid, object !== undefined, fixes);
      if (object === undefined && isDead(check)) return check.longNote('This key is dead, skipping.');
      checkRequired(check, requiredBy, policy.known);
      if (object !== undefined) {
        if (path !== undefined) await fixWorkTreeFile(check, path, object);
        await checkContent(check, object);
      }
      if (path !== undefined && isImprovable(check.key)) warnOfImprovable(check);
      checkCopies(check, numcopies, policy.known);
    },
    end: async () => links?.stage(),
  };
}

function isPointerFile(file: ByteString, { key }: Check): boolean {
  const stats = lstatSync(toPath(file), { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size > maxPointerSize) return false;
  return parsePointer(fromBuffer(readFileSync(toPath(file)))) === key;
}

function warnOfInsecure(check: Check, shown: string): void {
  const backend = keyBackend(check.key);
  if (isSecureBackend(backend)) return;
  check.warn(
    `** Despite annex.securehashesonly being set, ${shown} has content present in the annex using an insecure ${backend} key`,
  );
}

function warnOfImprovable(check: Check): void {
  const advice = 'Can be upgraded to an improved key format. You can do so by running: git annex migrate';
  check.warn(check.name, `: ${advice} --backend=${keyBackend(check.key)} `, check.name);
}
