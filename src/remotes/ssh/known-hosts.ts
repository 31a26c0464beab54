import { createHash, createHmac, randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { ascii, type ByteString } from '../../lib/bytes.js';
import { spawnBytes } from '../../lib/spawn-bytes.js';

/** One line of a known_hosts file that is about a host (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly marker: '@revoked' | '@cert-authority' | undefined;
  /** `ssh-ed25519`. */
  readonly type: string;
  /** In base64. */
  readonly key: string;
  readonly file: ByteString;
}

export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

/** The name by which known_hosts files have a host: `host`, or `[host]:port` for a port of its own. */
export function hostName(host: ByteString, port: number): ByteString {
  const lower = host.toLowerCase();
  return ascii(port === 22 ? lower : `[${lower}]:${port}`);
}

/**
 * What the files say of a host. `ssh-keygen -F` reads them: it knows hashed names, patterns and negations. As in ssh, a host
 * with a port of its own that is not found goes by its plain name.
 */
export async function knownHosts(
  host: ByteString,
  port: number,
  files: readonly ByteString[],
): Promise<KnownHost[]> {
  const there = files.filter((file) => existsSync(toPath(file)));
  for (const name of new Set([hostName(host, port), hostName(host, 22)])) {
    const found = (await Promise.all(there.map((file) => lookUp(name, file)))).flat();
    if (found.length > 0) return found;
  }
  return [];
}

/** Judges a key (an ssh public key blob) by what is known of its host. */
export function judgeHostKey(known: readonly KnownHost[], blob: Buffer): HostKeyVerdict {
  const key = blob.toString('base64');
  const plain = known.filter(({ marker }) => marker === undefined);
  if (known.some((one) => one.marker === '@revoked' && one.key === key)) return 'revoked';
  if (plain.some((one) => one.key === key)) return 'known';
  return plain.some((one) => one.type === keyType(blob)) ? 'changed' : 'unknown';
}

/** The type that a public key blob starts with. */
export function keyType(blob: Buffer): string {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return blob.toString('latin1', 4, 4 + Math.min(length, 64));
}

/** `SHA256:...`, as ssh shows a key. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** Adds a host's key to a file. */
export function recordHostKey(file: ByteString, name: ByteString, blob: Buffer, hashed: boolean): void {
  const path = toPath(file);
  mkdirSync(dirname(path.toString('latin1')), { recursive: true, mode: 0o700 });
  const shown = hashed ? hashedName(name) : name;
  appendFileSync(path, `${shown} ${keyType(blob)} ${blob.toString('base64')}\n`, { mode: 0o600 });
}

/** Reads what `ssh-keygen -F` prints. */
export function parseKnownHosts(text: ByteString, file: ByteString): KnownHost[] {
  return text.split('\n').flatMap((line) => {
    const parts = /^(?:(@revoked|@cert-authority)[ \t]+)?[^ \t#@][^ \t]*[ \t]+([^ \t]+)[ \t]+([^ \t]+)/.exec(
      line,
    );
    if (parts === null) return [];
    const [, marker, type = '', key = ''] = parts;
    return [{ marker: marker as KnownHost['marker'], type, key, file }];
  });
}

async function lookUp(name: ByteString, file: ByteString): Promise<KnownHost[]> {
  const child = spawnBytes('ssh-keygen', ['-F', name, '-f', file], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  return parseKnownHosts(fromBuffer(Buffer.concat(chunks)), file);
}

function hashedName(name: ByteString): string {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name, 'latin1').digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}
