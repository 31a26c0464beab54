import type { ByteString } from '../../lib/bytes.js';
import { parseUuid, type Uuid } from '../uuid.js';
import type { Codec } from './codec.js';
import { fieldLog } from './lines-by-field.js';
import { compareBytes } from './lines.js';

export const proxyLogPath = 'proxy.log' as ByteString;

/** A repository that can be reached through a proxy, under the name that the proxy's remote has. */
export interface ProxiedRemote {
  readonly uuid: Uuid;
  readonly name: ByteString;
}

const codec: Codec<readonly ProxiedRemote[]> = {
  parse: (text) => {
    if (text === '') return [];
    const remotes: ProxiedRemote[] = [];
    const grammar = /([^:]*):([^ ]*)(?: |$)/y;
    while (grammar.lastIndex < text.length) {
      const match = grammar.exec(text);
      if (match === null) return undefined;
      remotes.push({ uuid: match[1] as Uuid, name: match[2] as ByteString });
    }
    return text.endsWith(' ') ? undefined : remotes;
  },
  format: (remotes) => {
    const sorted = [...remotes].sort((a, b) => compareBytes(a.uuid, b.uuid) || compareBytes(a.name, b.name));
    return [...new Set(sorted.map(({ uuid, name }) => `${uuid}:${name}`))].join(' ') as ByteString;
  },
};

/** `proxy.log`: by the proxy's uuid, the remotes it serves. */
export const proxyLog = fieldLog(codec);

/** What each gateway says it proxies for. */
export function parseProxies(content: ByteString): Map<Uuid, readonly ProxiedRemote[]> {
  const proxies = new Map<Uuid, readonly ProxiedRemote[]>();
  for (const [field, { value }] of proxyLog.parse(content)) {
    const uuid = parseUuid(field);
    if (uuid !== undefined) proxies.set(uuid, value);
  }
  return proxies;
}
