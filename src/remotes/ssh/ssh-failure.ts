import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';

/** A server that there is no connection to, with the reason in ssh's words. */
export function noConnection(
  destination: ByteString,
  port: number | undefined,
  said: string,
  hint?: string,
): AnnexError {
  const lines = said.split('\n').filter((line) => line !== '');
  // ssh's last line sums it up where it says more than that the connection is closed.
  const reason =
    lines.findLast((line) => !/^(Connection closed|lost connection|@)/.test(line)) ?? lines.at(-1);
  const where = toText(destination);
  return new AnnexError(
    'remote-unavailable',
    `cannot connect to ${where}${reason === undefined ? '' : `: ${reason}`}`,
    { hint: hint ?? `Does this work? ${sshCommandLine(destination, port)}` },
  );
}

/** What the user would type to connect. */
export function sshCommandLine(destination: ByteString, port: number | undefined): string {
  return `ssh ${port === undefined ? '' : `-p ${port} `}${toText(destination)}`;
}
