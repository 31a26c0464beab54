import type { RepositoryLocation } from '../repository.js';

/** Arguments that tell git its repository: they win over discovery, and over what the environment says. */
export function locationArguments(location: RepositoryLocation): string[] {
  const args = [`--git-dir=${location.gitDir}`];
  if (location.workTree !== undefined) args.push(`--work-tree=${location.workTree}`);
  args.push('--literal-pathspecs');
  return args;
}
