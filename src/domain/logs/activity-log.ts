import type { ByteString } from '../../lib/bytes.js';
import type { Codec } from './codec.js';
import { uuidLog } from './lines-by-uuid.js';

/** The first word counts. */
const codec: Codec<ByteString> = {
  parse: (text) => (text.split(' ').find((word) => word !== '') ?? '') as ByteString,
  format: (activity) => activity,
};

/** `activity.log`: the last activity (`Fsck`) of each repository; the line's time is when it was. */
export const activityLog = uuidLog('activity.log', codec);
