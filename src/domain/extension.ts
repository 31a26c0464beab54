import type { ByteString } from '../lib/bytes.js';

/** What counts as an extension worth keeping in a key (`annex.maxextensionlength`, `annex.maxextensions`). */
export interface ExtensionLimits {
  /** Bytes, without the dot. */
  readonly length: number;
  readonly count: number;
}

export const defaultExtensionLimits: ExtensionLimits = { length: 4, count: 2 };

/** A key's whole extension must stay below this, or git-annex does not take it for a key. */
const maxTotalLength = 64;

/**
 * The extension that keys of `...E` backends keep: `.tar.gz`, or nothing. The last parts of the name between dots, as
 * long as they are short and hold only letters, digits and bytes above 127. Dots at the start of a name do not begin an
 * extension; parts with other bytes are passed over, an empty part counts as one.
 * @param file a path or a bare name
 */
export function keyExtension(file: ByteString, limits: ExtensionLimits = defaultExtensionLimits): ByteString {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/^\.+/, '');
  const parts = name.split('.').slice(1);
  const kept: string[] = [];
  for (const part of parts.reverse()) {
    if (kept.length >= limits.count) break;
    if (part.length > limits.length) break;
    if (/^[A-Za-z0-9\x80-\xff]*$/.test(part)) kept.push(part);
  }
  const extension = kept
    .reverse()
    .filter((part) => part !== '')
    .map((part) => `.${part}`)
    .join('');
  return (extension.length > maxTotalLength ? '' : extension) as ByteString;
}
