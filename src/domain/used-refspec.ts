import type { ByteString } from '../lib/bytes.js';
import { toText } from '../lib/bytes.js';
import { AnnexError } from './errors.js';
import { compileGlob } from './matching/glob.js';

/** One step of `annex.used-refspec`: which refs are looked at for what is used. */
export type UsedRefStep =
  | { readonly type: 'add-matching' | 'remove-matching'; readonly glob: ByteString }
  | { readonly type: 'add'; readonly ref: ByteString }
  | { readonly type: 'add-reflog' };

/** What git-annex looks at unless told otherwise. */
export const defaultUsedRefs: readonly UsedRefStep[] = [
  { type: 'add-matching', glob: 'refs/*' as ByteString },
  { type: 'add', ref: 'HEAD' as ByteString },
];

/**
 * A colon-separated list of steps (man git-annex-unused). Throws `usage` for a bad one, worded as git-annex does.
 * @param place put before the complaint
 */
export function parseUsedRefSpec(text: ByteString, place = ''): UsedRefStep[] {
  return (text.split(':') as ByteString[]).map((item) => parseStep(item, place));
}

function parseStep(item: ByteString, place: string): UsedRefStep {
  if (item === 'reflog') return { type: 'add-reflog' };
  const rest = item.slice(1) as ByteString;
  if (item.startsWith('+')) {
    return /[*?]/.test(rest) ? { type: 'add-matching', glob: rest } : { type: 'add', ref: rest };
  }
  if (item.startsWith('-')) return { type: 'remove-matching', glob: rest };
  throw new AnnexError('usage', `${place}bad refspec item "${toText(item)}" (expected + or - prefix)`);
}

/** A ref and what it points to; `sha` is undefined where nobody has looked it up. */
export interface UsedRef {
  readonly name: ByteString;
  readonly sha: ByteString | undefined;
}

/**
 * The refs that the steps lead to, in the order they are looked at. Of refs that match a glob and point to the same thing
 * the first counts; git-annex's own branches hold no files.
 * @param all every ref of the repository, in git's order
 */
export function chooseUsedRefs(
  steps: readonly UsedRefStep[],
  all: readonly UsedRef[],
  reflog: readonly ByteString[],
): UsedRef[] {
  let chosen: UsedRef[] = [];
  for (const step of steps) {
    if (step.type === 'add') chosen.push({ name: step.ref, sha: undefined });
    else if (step.type === 'add-reflog') chosen.push(...reflog.map((sha) => ({ name: sha, sha })));
    else {
      const glob = compileGlob(step.glob);
      if (step.type === 'remove-matching') chosen = chosen.filter(({ name }) => !glob.matches(name));
      else {
        const relevant = all.filter(({ name }) => !isAnnexRef(name) && glob.matches(name));
        chosen.push(...firstOfEach(relevant).reverse());
      }
    }
  }
  return chosen;
}

function isAnnexRef(name: ByteString): boolean {
  return name.endsWith('/git-annex') || name.startsWith('refs/annex/');
}

function firstOfEach(refs: readonly UsedRef[]): UsedRef[] {
  const seen = new Set<ByteString | undefined>();
  return refs.filter(({ sha }) => !seen.has(sha) && seen.add(sha));
}

/** How a ref is named to people: `main`, `origin/main`, `refs/tags/v1`. */
export function shortRefName(name: ByteString): ByteString {
  return name.replace(/^refs\/(?:heads|remotes)\//, '') as ByteString;
}
