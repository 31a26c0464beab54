import { rawCodec } from './codec.js';
import { uuidLog } from './lines-by-uuid.js';

/** `uuid.log`: the description of each repository, UTF-8 by custom. */
export const descriptionLog = uuidLog('uuid.log', rawCodec);
