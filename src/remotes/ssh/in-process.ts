import type { ByteString } from '../../lib/bytes.js';
import { splitWords } from '../../lib/words.js';
import { configValue, type SshConfig } from './ssh-config.js';

/** Options that only the system's ssh can follow, unless they have one of these values. */
const idle: { readonly [option: string]: readonly string[] } = {
  proxycommand: [],
  proxyjump: [],
  pkcs11provider: [],
  certificatefile: [],
  remotecommand: [],
  knownhostscommand: [],
  revokedhostkeys: [],
  preferredauthentications: [],
  setenv: [],
  bindinterface: [],
  controlpath: [],
  hostbasedauthentication: ['no'],
  permitlocalcommand: ['no'],
  nohostauthenticationforlocalhost: ['no'],
  verifyhostkeydns: ['no', 'false'],
  canonicalizehostname: ['no', 'false'],
  pubkeyauthentication: ['yes', 'true', 'unbound', 'host-bound'],
  tunnel: ['no', 'false'],
  localforward: [],
  remoteforward: [],
  dynamicforward: [],
  forwardagent: ['no'],
  forwardx11: ['no'],
  requesttty: ['auto', 'no', 'false'],
};

/** Algorithms of the library, under OpenSSH's names. */
const known = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  hmac: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1-etm@openssh.com',
    'hmac-sha1',
  ],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
  ],
} as const;

/** Algorithms that the user allows and the library has, in the order of preference. */
export interface Algorithms {
  readonly kex: readonly string[];
  readonly cipher: readonly string[];
  readonly hmac: readonly string[];
  readonly serverHostKey: readonly string[];
  readonly compress: readonly string[];
}

/** An option of the user's config that an ssh in our own process can't follow; undefined when there is none. */
export function beyondUs(config: SshConfig): string | undefined {
  for (const [option, values] of Object.entries(idle)) {
    const value = configValue(config, option)?.toLowerCase();
    if (value !== undefined && value !== '' && !values.includes(value)) return option;
  }
  const { kex, cipher, serverHostKey } = allowedAlgorithms(config);
  return [kex, cipher, serverHostKey].some((names) => names.length === 0) ? 'algorithms' : undefined;
}

/** Fast ciphers come first: the user's order is one of taste where all are allowed. */
export function allowedAlgorithms(config: SshConfig): Algorithms {
  const allowed = (option: string, ours: readonly string[]): string[] => {
    const theirs = configValue(config, option)?.split(',');
    return theirs === undefined ? [...ours] : ours.filter((name) => theirs.includes(name));
  };
  const compress = configValue(config, 'compression') === 'yes' ? ['zlib@openssh.com', 'none'] : ['none'];
  return {
    kex: allowed('kexalgorithms', known.kex),
    cipher: allowed('ciphers', known.cipher),
    hmac: allowed('macs', known.hmac),
    serverHostKey: allowed('hostkeyalgorithms', known.serverHostKey),
    compress,
  };
}

/**
 * A path of the config with its `~` and tokens (ssh_config(5), TOKENS) filled in; undefined for tokens that we do not know
 * and homes of others.
 * @param home as the system's user database says, which is where ssh looks
 */
export function configPath(
  path: ByteString,
  config: SshConfig,
  home: ByteString,
  localUser: ByteString,
): ByteString | undefined {
  const tokens: { readonly [token: string]: ByteString | undefined } = {
    '%': '%' as ByteString,
    d: home,
    h: configValue(config, 'hostname'),
    p: configValue(config, 'port'),
    r: configValue(config, 'user'),
    u: localUser,
  };
  let missing = false;
  const filled = path.replace(/%(.)/g, (_, token: string) => {
    missing ||= tokens[token] === undefined;
    return tokens[token] ?? '';
  });
  if (missing || filled.includes('${') || /^~[^/]/.test(filled)) return undefined;
  return filled.replace(/^~(?=\/|$)/, () => home) as ByteString;
}

/** The words of an option, as in `UserKnownHostsFile`. */
export function configWords(config: SshConfig, name: string): ByteString[] {
  const value = configValue(config, name);
  return value === undefined ? [] : splitWords(value);
}
