import { readFileSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { type P2pAddress, tokenFileNames } from '../../domain/p2p-address.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { ascii, type ByteString, fromText, toText } from '../../lib/bytes.js';

/** Gives the token without a file, for a repository that does not exist yet. */
const VARIABLE = 'GIT_ANNEX_P2P_AUTHTOKEN';

/**
 * What this repository shows a peer to be let in: `GIT_ANNEX_P2P_AUTHTOKEN`, or the first line of a file below
 * `annex/creds/` in the git directory; empty without either, as some peers ask for none. A secret: it must not come into a message.
 * @throws AnnexError `permission` when the file is there and can't be read
 */
export function authToken(commonDir: ByteString, address: P2pAddress): ByteString {
  const given = process.env[VARIABLE];
  if (given !== undefined && given !== '') return firstLine(fromText(given));
  for (const name of tokenFileNames(address)) {
    const path = `${commonDir}/annex/creds/${name}` as ByteString;
    try {
      return firstLine(fromBuffer(readFileSync(toPath(path))));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES')
        throw new AnnexError('permission', `the token in ${toText(path)} cannot be read`, { cause: error });
      if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
    }
  }
  return ascii('');
}

/** What to do when a peer takes no token, or another one. */
export function tokenHint(address: P2pAddress): string {
  const [name] = tokenFileNames(address);
  const file = name === undefined ? '' : `, or write it into .git/annex/creds/${toText(name as ByteString)}`;
  return `The peer asks for a token that it gave out: set ${VARIABLE}${file}.`;
}

function firstLine(text: ByteString): ByteString {
  return (text.split('\n', 1)[0] as string).replace(/\r$/, '') as ByteString;
}
