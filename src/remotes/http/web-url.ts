import type { ByteString } from '../../lib/bytes.js';
import { encodePath } from './annex-url.js';

/** A git url of http or https to ask: without user info, query and slashes at its end; undefined when it is none. */
export function webUrl(url: ByteString): string | undefined {
  const match = /^(https?):\/\/(?:[^/?#]*@)?([^/?#]+)([^?#]*)/i.exec(url);
  if (match === null) return undefined;
  const path = encodePath((match[3] as string).replace(/\/+$/, '') as ByteString);
  const text = `${(match[1] as string).toLowerCase()}://${match[2]}${path}`;
  return URL.canParse(text) ? text : undefined;
}
