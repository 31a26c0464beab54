import { AnnexError } from '../../domain/errors.js';

/**
 * What `--only` selects by `GROUP.CASE`: those that hold the pattern somewhere, upper and lower case being the same, or
 * match it where it is written `/REGEX/`.
 * @throws AnnexError `usage` for a regular expression that is none
 */
export function caseSelector(pattern: string | undefined): (path: string) => boolean {
  if (pattern === undefined) return () => true;
  const regex = /^\/(.+)\/$/s.exec(pattern)?.[1];
  if (regex === undefined) {
    const wanted = pattern.toLowerCase();
    return (path) => path.toLowerCase().includes(wanted);
  }
  try {
    const compiled = new RegExp(regex, 'i');
    return (path) => compiled.test(path);
  } catch {
    throw new AnnexError('usage', `option --only: ${pattern} is no regular expression`);
  }
}
