import { wordsCodec } from './codec.js';
import { uuidLog } from './lines-by-uuid.js';

/** `group.log`: the groups each repository is in. */
export const groupLog = uuidLog('group.log', wordsCodec);
