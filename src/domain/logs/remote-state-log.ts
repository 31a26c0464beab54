import { rawCodec } from './codec.js';
import { fieldLog } from './lines-by-field.js';

/** A key's `.log.rmt`: by uuid, what a special remote noted about the key, in its own format. */
export const remoteStateLog = fieldLog(rawCodec);
