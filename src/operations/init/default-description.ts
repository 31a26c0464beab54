import { homedir, hostname, userInfo } from 'node:os';
import type { ByteString } from '../../lib/bytes.js';
import { concat, fromText } from '../../lib/bytes.js';

/** `user@host:path`, the path below the home directory as `~/...`: how git-annex describes a repository unasked. */
export function defaultDescription(
  path: ByteString,
  environment: NodeJS.ProcessEnv = process.env,
): ByteString {
  const user = environment.USER ?? environment.LOGNAME ?? userInfo().username;
  const home = fromText(environment.HOME || homedir());
  const below = path === home || path.startsWith(`${home}/`);
  const shown = below ? (`~/${path.slice(home.length + 1)}` as ByteString) : path;
  return concat(fromText(`${user}@${hostname()}:`), shown);
}
