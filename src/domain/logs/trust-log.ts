import type { ByteString } from '../../lib/bytes.js';
import type { TrustLevel } from '../trust.js';
import type { Codec } from './codec.js';
import { uuidLog } from './lines-by-uuid.js';

const codes: { readonly [level in TrustLevel]: string } = {
  trusted: '1',
  untrusted: '0',
  semitrusted: '?',
  dead: 'X',
};

/** An empty value is `trusted` (old logs listed just the trusted ones), any other single char `semitrusted`. */
const trustCodec: Codec<TrustLevel> = {
  parse: (text) => {
    if (text.length > 1) return undefined;
    if (text === '' || text === '1') return 'trusted';
    return text === '0' ? 'untrusted' : text === 'X' ? 'dead' : 'semitrusted';
  },
  format: (level) => codes[level] as ByteString,
};

/** `trust.log`: repositories not listed are semitrusted. */
export const trustLog = uuidLog('trust.log', trustCodec);
