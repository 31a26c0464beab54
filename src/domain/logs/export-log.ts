import type { ByteString } from '../../lib/bytes.js';
import type { Uuid } from '../uuid.js';
import type { Codec } from './codec.js';
import { fieldLog } from './lines-by-field.js';

export const exportLogPath = 'export.log' as ByteString;

/** What was exported to a special remote. */
export interface Exported {
  /** The tree that is there; the empty tree before the first export is complete. */
  readonly tree: ByteString;
  /** Trees whose export was begun and is not complete. */
  readonly incomplete: readonly ByteString[];
}

const codec: Codec<Exported> = {
  parse: (text) => {
    const [tree, ...incomplete] = text.split(' ').filter((word) => word !== '') as ByteString[];
    return tree === undefined ? undefined : { tree, incomplete };
  },
  format: ({ tree, incomplete }) => [tree, ...incomplete].join(' ') as ByteString,
};

/** `export.log`, by `exportField`. */
export const exportLog = fieldLog(codec, {
  canonical: (field) => (field.includes(':') ? field : undefined),
});

/** The field of one repository's exports to one special remote. */
export function exportField(exporter: Uuid, remote: Uuid): ByteString {
  return `${exporter}:${remote}` as ByteString;
}
