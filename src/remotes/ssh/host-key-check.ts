import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { configPath, configWords } from './in-process.js';
import {
  fingerprint,
  hostName,
  judgeHostKey,
  keyType,
  type KnownHost,
  knownHosts,
  recordHostKey,
} from './known-hosts.js';
import { localUser } from './own-keys.js';
import { sshCommandLine } from './ssh-failure.js';
import { configValue, type SshConfig } from './ssh-config.js';

/** Checks the key by which a server shows who it is. */
export interface HostKeyCheck {
  /** Types of the keys that are known: the server is asked for one of these first. */
  readonly types: readonly string[];
  /** The reason not to go on; undefined when the key is right, or the user's config does not mind. */
  refusal(blob: Buffer): AnnexError | undefined;
}

export interface CheckedHost {
  readonly destination: ByteString;
  /** As the url has it: for commands shown to the user. */
  readonly port: number | undefined;
}

/**
 * A check as ssh makes it with the user's and the system's known_hosts files and `StrictHostKeyChecking`. A question is
 * never asked. Undefined where that is the system's ssh's business: host certificates, paths with unknown tokens.
 */
export async function hostKeyCheck(config: SshConfig, host: CheckedHost): Promise<HostKeyCheck | undefined> {
  const { home, name: user } = localUser();
  const paths = (option: string) =>
    configWords(config, option).map((path) => configPath(path, config, home, user));
  const mine = paths('userknownhostsfile');
  const files = [...mine, ...paths('globalknownhostsfile')];
  if (files.some((file) => file === undefined)) return undefined;
  const server = configValue(config, 'hostkeyalias') ?? configValue(config, 'hostname') ?? host.destination;
  const port = configValue(config, 'hostkeyalias') === undefined ? portOf(config) : 22;
  const known = await knownHosts(server, port, files as ByteString[]);
  if (known.some(({ marker }) => marker === '@cert-authority')) return undefined;
  const name = hostName(server, port);
  return {
    types: known.filter(({ marker }) => marker === undefined).map(({ type }) => type),
    refusal(blob) {
      const verdict = judgeHostKey(known, blob);
      const strict = configValue(config, 'stricthostkeychecking') ?? 'ask';
      const careless = strict === 'no' || strict === 'off' || strict === 'false';
      if (verdict === 'known' || (verdict === 'changed' && careless)) return undefined;
      if (verdict === 'unknown' && (careless || strict === 'accept-new')) {
        const [file] = mine;
        if (file !== undefined) remember(file, name, blob, configValue(config, 'hashknownhosts') === 'yes');
        return undefined;
      }
      return refused(verdict, host, name, blob, known);
    },
  };
}

export function portOf(config: SshConfig): number {
  return Number(configValue(config, 'port') ?? 22);
}

/** A file that can't be written is no reason not to connect: ssh sees it the same way. */
function remember(file: ByteString, name: ByteString, blob: Buffer, hashed: boolean): void {
  try {
    recordHostKey(file, name, blob, hashed);
  } catch {
    // It is unknown the next time as well.
  }
}

function refused(
  verdict: 'unknown' | 'changed' | 'revoked',
  { destination, port }: CheckedHost,
  name: ByteString,
  blob: Buffer,
  known: readonly KnownHost[],
): AnnexError {
  const key = `${keyType(blob)} ${fingerprint(blob)}`;
  const where = toText(destination);
  if (verdict === 'unknown') {
    return new AnnexError('remote-unavailable', `the host key of ${where} is not known: ${key}`, {
      hint: `This shows it again and asks whether it is right: ${sshCommandLine(destination, port)}`,
    });
  }
  const file = toText(known.find(({ type }) => type === keyType(blob))?.file ?? ('' as ByteString));
  if (verdict === 'revoked') {
    return new AnnexError('remote-unavailable', `the host key of ${where} is revoked: ${key}`);
  }
  const find = `ssh-keygen -l -F '${toText(name)}' -f '${file}'`;
  return new AnnexError('remote-unavailable', `the host key of ${where} is not the known one, but ${key}`, {
    hint: `Somebody may pretend to be the server. This shows the known key: ${find} (and -R instead of -l -F forgets it)`,
  });
}
