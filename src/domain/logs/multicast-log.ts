import { rawCodec } from './codec.js';
import { uuidLog } from './lines-by-uuid.js';

/** `multicast.log`: the key fingerprint of each repository that takes part in multicast. */
export const multicastLog = uuidLog('multicast.log', rawCodec);
