import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { parseSshAddress } from './ssh-address.js';
import { sshProgram } from './ssh-program.js';
import type { SshServer } from './system-connection.js';

/** The server that a remote's url leads to, and the ssh that the user wants for it. Throws `remote-unavailable`. */
export function sshServer(
  here: Pick<Repository, 'annexDir' | 'location' | 'settings'>,
  name: ByteString,
  url: ByteString,
): SshServer {
  return { here, address: parseSshAddress(url), program: sshProgram(here.settings, name, process.env) };
}
