import type { ByteString } from '../../lib/bytes.js';
import type { Uuid } from '../uuid.js';
import { isClusterUuid, parseUuid } from '../uuid.js';
import type { Codec } from './codec.js';
import { fieldLog } from './lines-by-field.js';

export const clusterLogPath = 'cluster.log' as ByteString;

const codec: Codec<ReadonlySet<Uuid>> = {
  parse: (text) => {
    if (text === '') return new Set();
    const nodes = text.split(' ');
    return nodes.includes('') ? undefined : new Set(nodes as Uuid[]);
  },
  format: (nodes) => [...nodes].sort().join(' ') as ByteString,
};

/** `cluster.log`: by the cluster's uuid, the uuids of its nodes. */
export const clusterLog = fieldLog(codec);

/** The nodes of each cluster. Lines whose field is not a cluster's uuid are left out. */
export function parseClusters(content: ByteString): Map<Uuid, ReadonlySet<Uuid>> {
  const clusters = new Map<Uuid, ReadonlySet<Uuid>>();
  for (const [field, { value }] of clusterLog.parse(content)) {
    const uuid = parseUuid(field);
    if (uuid !== undefined && isClusterUuid(uuid)) clusters.set(uuid, value);
  }
  return clusters;
}
