/** What git tells a hook about the certificate of a push (`git help receive-pack`). */
type HookEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Whether a push is signed by one of these, as git has verified it: fingerprints of keys as git tells them (`SHA256:...`, or the
 * id or fingerprint of an OpenPGP key), or for keys of ssh the name that `gpg.ssh.allowedSignersFile` gives them. The names that
 * OpenPGP keys give themselves do not count, nor does a certificate that was made for another push.
 */
export function isSignedBy(signers: readonly string[], env: HookEnvironment): boolean {
  const { GIT_PUSH_CERT_STATUS: status, GIT_PUSH_CERT_NONCE_STATUS: nonce } = env;
  const { GIT_PUSH_CERT_KEY: key = '', GIT_PUSH_CERT_SIGNER: signer = '' } = env;
  if ((status !== 'G' && status !== 'U') || (nonce !== 'OK' && nonce !== 'SLOP') || key === '') return false;
  const isSsh = key.startsWith('SHA256:');
  return signers.some((one) => {
    if (one === key) return true;
    if (isSsh) return status === 'G' && one === signer && signer !== '';
    return /^[0-9a-f]{16,40}$/i.test(key) && /^[0-9a-f]{16,40}$/i.test(one) && sameEnd(one, key);
  });
}

/** The id of an OpenPGP key is the end of its fingerprint. */
function sameEnd(one: string, other: string): boolean {
  const [long, short] = one.length > other.length ? [one, other] : [other, one];
  return long.toLowerCase().endsWith(short.toLowerCase());
}
