import type { ByteString } from '../../lib/bytes.js';
import { rawCodec } from './codec.js';
import { fieldLog } from './lines-by-field.js';
import { uuidLog } from './lines-by-uuid.js';

/** `preferred-content.log`: the expression saying what a repository wants to hold. Empty: it wants everything. */
export const preferredContentLog = uuidLog('preferred-content.log', rawCodec);

/** `required-content.log`: the expression saying what must not be dropped from a repository. */
export const requiredContentLog = uuidLog('required-content.log', rawCodec);

export const groupPreferredContentPath = 'group-preferred-content.log' as ByteString;

/** `group-preferred-content.log`: by group, the expression that `groupwanted` stands for. */
export const groupPreferredContentLog = fieldLog(rawCodec);
