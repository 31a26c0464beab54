import { existsSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import type { AgentAuthMethod, AuthMethod, BaseAgent, ParsedKey, PublicKeyAuthMethod } from 'ssh2';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import { configPath } from './in-process.js';
import { configValue, type SshConfig } from './ssh-config.js';

type Ssh2 = typeof import('ssh2');

/** Whose files ssh looks at: the system's user database counts, not `HOME`. */
export function localUser(): { readonly home: ByteString; readonly name: ByteString } {
  try {
    const { homedir: home, username } = userInfo();
    return { home: fromText(home), name: fromText(username) };
  } catch {
    return { home: fromText(homedir()), name: '' as ByteString };
  }
}

/**
 * How to say who we are: with the keys of the agent, those of identity files first, then with identity files. Files with a
 * passphrase are left out: only the system's ssh asks for it. Undefined where a certificate, which only the system's ssh
 * uses, stands beside a key, or a path can't be read.
 */
export async function ownKeys(ssh2: Ssh2, config: SshConfig): Promise<AuthMethod[] | undefined> {
  const username = toText(configValue(config, 'user') ?? localUser().name);
  const files = identityFiles(config);
  if (files === undefined) return undefined;
  const keys = files.flatMap((file) => keyIn(ssh2, file));
  const known = new Set([...files.flatMap(publicHalf), ...keys.map((key) => blobOf(key))]);
  const only = configValue(config, 'identitiesonly') === 'yes';
  const agent = agentOf(ssh2, config, known, only);
  const methods: (AgentAuthMethod | PublicKeyAuthMethod)[] = [];
  if (agent !== undefined) methods.push({ type: 'agent', username, agent });
  for (const key of keys) methods.push({ type: 'publickey', username, key });
  return methods;
}

function identityFiles(config: SshConfig): ByteString[] | undefined {
  const { home, name } = localUser();
  const files: ByteString[] = [];
  for (const path of config.get('identityfile') ?? []) {
    if (path === 'none') continue;
    const file = configPath(path, config, home, name);
    if (file === undefined || existsSync(toPath(`${file}-cert.pub` as ByteString))) return undefined;
    files.push(file);
  }
  return files;
}

/** Nothing for a file that is not there, or that a passphrase guards. */
function keyIn({ utils }: Ssh2, file: ByteString): ParsedKey[] {
  const content = contentOf(file);
  const parsed = content === undefined ? undefined : utils.parseKey(Buffer.from(content, 'latin1'));
  if (parsed === undefined || parsed instanceof Error) return [];
  return (Array.isArray(parsed) ? parsed : [parsed]).filter((key) => key.isPrivateKey());
}

/** The blob, in base64, of the public key beside a key file (or in it). */
function publicHalf(file: ByteString): string[] {
  const line = contentOf(`${file}.pub` as ByteString) ?? contentOf(file) ?? '';
  const blob = /^[a-z0-9@.-]+ ([A-Za-z0-9+/=]+)/.exec(line)?.[1];
  return blob === undefined ? [] : [blob];
}

function contentOf(file: ByteString): ByteString | undefined {
  try {
    return fromBuffer(readFileSync(toPath(file)));
  } catch {
    return undefined;
  }
}

function agentOf(
  ssh2: Ssh2,
  config: SshConfig,
  known: ReadonlySet<string>,
  only: boolean,
): BaseAgent | undefined {
  const socket = agentSocket(config);
  if (socket === undefined || !existsSync(socket)) return undefined;
  const agent = ssh2.createAgent(socket);
  const ask = agent.getIdentities.bind(agent);
  agent.getIdentities = (done) =>
    ask((error, keys) => {
      // An agent that does not answer has no keys for us.
      if (error !== undefined && error !== null) return done(undefined, []);
      const all = (keys ?? []).map((key) => ({ key, mine: known.has(blobOf(key)) }));
      const mine = all.filter((one) => one.mine);
      const others = only ? [] : all.filter((one) => !one.mine);
      done(undefined, [...mine, ...others].map(({ key }) => key) as never);
    });
  return agent as BaseAgent;
}

function agentSocket(config: SshConfig): string | undefined {
  const named = config.get('identityagent')?.at(-1);
  if (named === 'none') return undefined;
  const usual = process.env['SSH_AUTH_SOCK'] || undefined;
  if (named === undefined || named === 'SSH_AUTH_SOCK') return usual;
  if (named.startsWith('$')) return process.env[named.replace(/^\$\{?([^}]*)\}?$/, '$1')];
  const { home, name } = localUser();
  const path = configPath(named, config, home, name);
  return path === undefined ? undefined : toText(path);
}

/** A public key's blob in base64; empty for what has none. */
function blobOf(key: unknown): string {
  const has = key as { getPublicSSH?: () => Buffer; pubKey?: { getPublicSSH(): Buffer } };
  const holder = has.pubKey ?? has;
  return holder.getPublicSSH?.().toString('base64') ?? '';
}
