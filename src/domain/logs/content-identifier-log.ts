import type { ByteString } from '../../lib/bytes.js';
import { decodeBase64, encodeBase64 } from '../base64.js';
import type { Codec } from './codec.js';
import { fieldLog } from './lines-by-field.js';

const codec: Codec<readonly ByteString[]> = {
  parse: (text) => text.split(':').map((part) => decode(part as ByteString)),
  format: (identifiers) => identifiers.map(encode).join(':') as ByteString,
};

/** A key's `.log.cid`: by uuid, the identifiers under which a remote has the content, the newest first. */
export const contentIdentifierLog = fieldLog(codec);

function encode(identifier: ByteString): ByteString {
  return /[:\r\n]|^!/.test(identifier) ? (`!${encodeBase64(identifier)}` as ByteString) : identifier;
}

function decode(part: ByteString): ByteString {
  return (part.startsWith('!') ? decodeBase64(part.slice(1)) : undefined) ?? part;
}
