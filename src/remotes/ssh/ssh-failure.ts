import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { shellQuote } from '../../lib/shell-quote.js';

/**
 * A server that there is no connection to, with the reason in ssh's words.
 * @param options what the user gives ssh
 */
export function noConnection(
  destination: ByteString,
  port: number | undefined,
  said: string,
  options: readonly ByteString[] = [],
): AnnexError {
  const lines = said.split('\n').filter((line) => line !== '');
  // ssh's last line sums it up where it says more than that the connection is closed.
  const reason =
    lines.findLast((line) => !/^(Connection closed|lost connection|@)/.test(line)) ?? lines.at(-1);
  const where = toText(destination);
  return new AnnexError(
    'remote-unavailable',
    `cannot connect to ${where}${reason === undefined ? '' : `: ${reason}`}`,
    { hint: `Does this work? ${sshCommandLine(destination, port, options)}` },
  );
}

/** What the user would type to connect. */
export function sshCommandLine(
  destination: ByteString,
  port: number | undefined,
  options: readonly ByteString[] = [],
): string {
  const words = ['ssh', ...options.map((word) => (/^[\w@%+=:,./~-]+$/.test(word) ? word : shellQuote(word)))];
  return `${toText(words.join(' ') as ByteString)} ${port === undefined ? '' : `-p ${port} `}${toText(destination)}`;
}
