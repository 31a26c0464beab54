import { isatty } from 'node:tty';

/**
 * Variables by which git tells a hook or alias about one repository (`git rev-parse --local-env-vars`). Settings given
 * with `git -c` (`GIT_CONFIG_PARAMETERS`, `GIT_CONFIG_COUNT`) are not among them: the user meant them for children too.
 */
const repositoryVariables = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
] as const;

/** Pathspec modes of the caller would change what our own paths mean. */
const pathspecVariables = [
  'GIT_LITERAL_PATHSPECS',
  'GIT_GLOB_PATHSPECS',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_ICASE_PATHSPECS',
] as const;

/**
 * The environment for a child git that is told its repository by arguments: nothing of the calling hook's repository,
 * messages in English (they are never branched on, but logged), no password prompt without a terminal.
 * @param more variables to add; undefined removes one
 */
export function gitEnvironment(
  more: { readonly [name: string]: string | undefined } = {},
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of repositoryVariables) delete env[name];
  for (const name of pathspecVariables) delete env[name];
  if (env['GIT_TERMINAL_PROMPT'] === undefined && !isatty(0) && !isatty(2)) env['GIT_TERMINAL_PROMPT'] = '0';
  for (const [name, value] of Object.entries(more)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** Replaces user names and passwords in urls of a text for people: `https://***@host/`. A bare ssh user name stays. */
export function maskCredentials(text: string): string {
  return text.replace(
    /([a-z][a-z0-9+.-]*:\/\/)([^/\s'"]*)@/gi,
    (whole: string, scheme: string, user: string) =>
      user.includes(':') || /^https?:|^ftps?:/i.test(scheme) ? `${scheme}***@` : whole,
  );
}
