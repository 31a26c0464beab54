import type { ByteString } from '../../lib/bytes.js';
import { rawCodec } from './codec.js';
import { uuidLog } from './lines-by-uuid.js';

/** `schedule.log`: the events of each repository, joined by `; `. */
export const scheduleLog = uuidLog('schedule.log', rawCodec);

/** The events of one value: `fsck self 30m every day at any time`. */
export function scheduledEvents(value: ByteString): ByteString[] {
  return value === '' ? [] : (value.split('; ') as ByteString[]);
}
