import type { ByteString } from '../../lib/bytes.js';
import { fromText } from '../../lib/bytes.js';
import type { Codec } from './codec.js';
import { uuidLog } from './lines-by-uuid.js';

/** The settings of a special remote: `type`, `name`, `encryption`, `autoenable`, `sameas-uuid` ... */
export type RemoteConfig = ReadonlyMap<ByteString, ByteString>;

/** `NAME=VALUE` words in byte order of the names; white space and `&` in values are written `&32;` `&38;`. */
export const remoteConfigCodec: Codec<RemoteConfig> = {
  parse: (text) => {
    const config = new Map<ByteString, ByteString>();
    for (const word of text.split(/[ \t\v\f]+/)) {
      if (word === '') continue;
      const equals = word.indexOf('=');
      const name = equals === -1 ? word : word.slice(0, equals);
      config.set(name as ByteString, unescapeValue(equals === -1 ? '' : word.slice(equals + 1)));
    }
    return config;
  },
  format: (config) => {
    const names = [...config.keys()].sort();
    return names.map((name) => `${name}=${escapeValue(config.get(name) ?? '')}`).join(' ') as ByteString;
  },
};

/** `remote.log`: by uuid, the settings of every special remote. */
export const remoteLog = uuidLog('remote.log', remoteConfigCodec);

function escapeValue(value: string): string {
  return value.replace(/[\t-\r &]/g, (char) => `&${char.charCodeAt(0)};`);
}

function unescapeValue(text: string): ByteString {
  return text.replace(/&(\d{1,7});/g, (escaped, digits: string) => {
    const code = Number(digits);
    return code > 0x10ffff ? escaped : fromText(String.fromCodePoint(code));
  }) as ByteString;
}
