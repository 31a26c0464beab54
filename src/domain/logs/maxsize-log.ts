import type { ByteString } from '../../lib/bytes.js';
import { integerCodec } from './codec.js';
import { fieldLog } from './lines-by-field.js';

export const maxsizePath = 'maxsize.log' as ByteString;

/** `maxsize.log`: by uuid, the bytes a repository may hold in all; 0 means no limit. */
export const maxsizeLog = fieldLog(integerCodec);
