import { matchingFlags } from './matching.js';

const {
  exclude: _exclude,
  include: _include,
  excludesamecontent: _excludesamecontent,
  includesamecontent: _includesamecontent,
  unlocked: _unlocked,
  locked: _locked,
  ...forKeys
} = matchingFlags;

/** For commands that act on keys without files. */
export const keyMatchingFlags = forKeys;

/** Matching options that a key without a file cannot be asked. */
export const fileOnlyMatching: ReadonlySet<string> = new Set(
  Object.keys(matchingFlags).filter((name) => !Object.hasOwn(forKeys, name)),
);
