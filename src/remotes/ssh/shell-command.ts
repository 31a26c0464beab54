import type { ByteString } from '../../lib/bytes.js';
import { shellQuote } from '../../lib/shell-quote.js';
import type { Settings } from '../../repository/settings/settings.js';

/**
 * A command line for `git-annex-shell` on a remote's server, spelled as git-annex does: forced commands and shells of
 * other programs may look at it. Parameters and fields are words that need no quoting.
 */
export function shellCommand(
  settings: Settings,
  name: ByteString,
  command: 'configlist' | 'p2pstdio' | 'notifychanges',
  args: readonly ByteString[],
  parameters = '',
): ByteString {
  const program = settings.get(`remote.${name}.annex-shell`) ?? 'git-annex-shell';
  const words = [program, shellQuote(command as string as ByteString), ...args.map(shellQuote)];
  return `${words.join(' ')}${parameters}` as ByteString;
}
