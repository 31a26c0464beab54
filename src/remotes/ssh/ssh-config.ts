import { fromBuffer } from '../../lib/buffers.js';
import { ascii, type ByteString } from '../../lib/bytes.js';
import { spawnBytes } from '../../lib/spawn-bytes.js';

/** What the system's ssh would do for a destination: option in lower case to its values. */
export type SshConfig = ReadonlyMap<string, readonly ByteString[]>;

/**
 * Asks `ssh -G`, so that everything in the user's and the system's ssh config holds. Undefined when ssh is not there or
 * does not understand its config.
 */
export async function resolveSshConfig(
  destination: ByteString,
  port: number | undefined,
  options: readonly ByteString[] = [],
): Promise<SshConfig | undefined> {
  const args = [...options, ...portOption(port), '-G', '--', destination];
  const child = spawnBytes('ssh', args, { env: process.env, stdio: ['ignore', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  return code === 0 ? parseSshConfig(fromBuffer(Buffer.concat(chunks))) : undefined;
}

/** Reads the lines `option value` of `ssh -G`. */
export function parseSshConfig(text: ByteString): SshConfig {
  const config = new Map<string, ByteString[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const name = line.slice(0, space).toLowerCase();
    const values = config.get(name) ?? [];
    values.push(line.slice(space + 1) as ByteString);
    config.set(name, values);
  }
  return config;
}

/** The last value of an option; undefined when it is unset or `none`. */
export function configValue(config: SshConfig, name: string): ByteString | undefined {
  const value = config.get(name)?.at(-1);
  return value === 'none' ? undefined : value;
}

export function portOption(port: number | undefined): ByteString[] {
  return port === undefined ? [] : [ascii('-p'), ascii(String(port))];
}
