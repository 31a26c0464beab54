import type { ByteString } from '../../lib/bytes.js';
import { rawCodec } from './codec.js';
import { uuidLog } from './lines-by-uuid.js';

/** `difference.log`: the ways in which a repository was tuned (`[ObjectHashLower,OneLevelObjectHash]`). */
export const differenceLog = uuidLog('difference.log', rawCodec);

/** Whether any repository that this branch knows has differences, which keep it from being merged or used by us. */
export function hasDifferences(content: ByteString): boolean {
  for (const value of differenceLog.values(content).values()) if (value !== '' && value !== '[]') return true;
  return false;
}
