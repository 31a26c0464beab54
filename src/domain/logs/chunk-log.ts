import type { ByteString } from '../../lib/bytes.js';
import type { Uuid } from '../uuid.js';
import type { Codec } from './codec.js';
import { fieldLog } from './lines-by-field.js';
import { compareBytes } from './lines.js';

/** How a remote holds a key's content in chunks. */
export interface Chunking {
  readonly uuid: Uuid;
  /** Bytes of each chunk but the last. */
  readonly chunkSize: number;
  /** 0 when they were removed. */
  readonly chunks: number;
}

const countCodec: Codec<number> = {
  parse: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  format: (count) => String(count) as ByteString,
};

/** A key's `.log.cnk`, by `chunkField`. */
export const chunkLog = fieldLog(countCodec, { canonical: canonicalField, compare: compareFields });

export function chunkField(uuid: Uuid, chunkSize: number): ByteString {
  return `${uuid}:${chunkSize}` as ByteString;
}

/** The chunkings that are present. Lines of methods that we do not know are left out. */
export function parseChunkings(content: ByteString): Chunking[] {
  const chunkings: Chunking[] = [];
  for (const [field, { value }] of chunkLog.parse(content)) {
    const [uuid, method] = splitField(field);
    if (value > 0 && /^\d+$/.test(method)) {
      chunkings.push({ uuid: uuid as Uuid, chunkSize: Number(method), chunks: value });
    }
  }
  return chunkings;
}

function canonicalField(field: ByteString): ByteString | undefined {
  if (!field.includes(':')) return undefined;
  const [uuid, method] = splitField(field);
  return `${uuid}:${/^\d+$/.test(method) ? method.replace(/^0+(?=\d)/, '') : method}` as ByteString;
}

function compareFields(a: ByteString, b: ByteString): number {
  const [uuidA, methodA] = splitField(a);
  const [uuidB, methodB] = splitField(b);
  return compareBytes(uuidA, uuidB) || compareMethods(methodA, methodB);
}

/** Sizes first, by number, then everything else in byte order. */
function compareMethods(a: string, b: string): number {
  const numberA = /^\d+$/.test(a);
  if (numberA !== /^\d+$/.test(b)) return numberA ? -1 : 1;
  return (numberA ? a.length - b.length : 0) || compareBytes(a, b);
}

function splitField(field: string): [string, string] {
  const colon = field.indexOf(':');
  return [field.slice(0, colon), field.slice(colon + 1)];
}
