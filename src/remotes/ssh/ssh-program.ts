import { ascii, type ByteString, fromText } from '../../lib/bytes.js';
import { shellQuote } from '../../lib/shell-quote.js';
import { splitWords } from '../../lib/words.js';
import type { Settings } from '../../repository/settings/settings.js';

/** How a program takes its options: git's names for them (git-config(1), `ssh.variant`). */
export type SshVariant = 'ssh' | 'plink' | 'putty' | 'tortoiseplink' | 'simple';

/** The ssh that the user wants for a remote. */
export type SshProgram =
  /** The system's, with options of the user. */
  | { readonly kind: 'system'; readonly options: readonly ByteString[] }
  /** A command line for the shell, of a variant that was said; undefined: to be found out. */
  | { readonly kind: 'custom'; readonly command: ByteString; readonly variant: SshVariant | undefined };

/**
 * `GIT_SSH_COMMAND`, `core.sshCommand`, then `GIT_SSH`, in git's order; else the system's ssh with the options of
 * `remote.<name>.annex-ssh-options` or `annex.ssh-options`, which are words divided by white space. The options say nothing
 * to a program of the user's own, as with git-annex.
 */
export function sshProgram(settings: Settings, name: ByteString, env: NodeJS.ProcessEnv): SshProgram {
  const command = text(env['GIT_SSH_COMMAND']) ?? settings.get('core.sshcommand');
  const program = text(env['GIT_SSH']);
  const line = command ?? (program === undefined ? undefined : shellQuote(program));
  if (line !== undefined && line !== '') {
    const named = text(env['GIT_SSH_VARIANT']) ?? settings.get('ssh.variant') ?? ascii('auto');
    return { kind: 'custom', command: line, variant: variantNamed(named) ?? guessed(line, program) };
  }
  const options = settings.get(`remote.${name}.annex-ssh-options`) ?? settings.get('annex.ssh-options');
  return { kind: 'system', options: options === undefined ? [] : splitWords(options) };
}

/** Options of a port and of no terminal, as the variant spells them. */
export function variantOptions(variant: SshVariant, port: number | undefined, batch: boolean): ByteString[] {
  if (variant === 'simple') return [];
  const options: string[] = [];
  if (variant === 'ssh') options.push('-T', ...(batch ? ['-o', 'BatchMode=yes'] : []));
  else if (batch) options.push('-batch');
  if (port !== undefined) options.push(variant === 'ssh' ? '-p' : '-P', String(port));
  return options.map(ascii);
}

function variantNamed(name: ByteString): SshVariant | undefined {
  const variants: readonly SshVariant[] = ['ssh', 'plink', 'putty', 'tortoiseplink', 'simple'];
  return variants.find((variant) => variant === name);
}

/** The variant that a program's name tells. */
function guessed(line: ByteString, program: ByteString | undefined): SshVariant | undefined {
  const first = program ?? splitWords(line)[0] ?? '';
  const name = (
    first
      .replace(/^['"]|['"]$/g, '')
      .split('/')
      .at(-1) ?? ''
  )
    .toLowerCase()
    .replace(/\.exe$/, '');
  return name === 'ssh' || name === 'plink' || name === 'tortoiseplink' ? name : undefined;
}

function text(value: string | undefined): ByteString | undefined {
  return value === undefined || value === '' ? undefined : fromText(value);
}
