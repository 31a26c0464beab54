import { P2P_SCHEME } from '../../domain/p2p-address.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Settings } from '../../repository/settings/settings.js';

/** Where a remote's url leads. */
export type RemoteAddress =
  | { readonly kind: 'local' /** Absolute. */; readonly path: ByteString }
  | { readonly kind: 'ssh' | 'http' | 'p2p' | 'other'; readonly url: ByteString }
  /** No url: a special remote, or a remote that only has settings. */
  | { readonly kind: 'none' };

/**
 * Reads a remote's url as git does: `url.<base>.insteadOf` is applied, `file://` urls and plain paths are local, a colon
 * before the first slash is scp's `host:path`. Relative paths count from `base`.
 */
export function remoteAddress(
  url: ByteString | undefined,
  settings: Settings,
  base: ByteString,
): RemoteAddress {
  if (url === undefined || url === '') return { kind: 'none' };
  return addressOf(rewritten(url, settings, 'insteadof') ?? url, base);
}

/**
 * Where git-annex is to look for contents when that is not where git looks: `annexUrl`, or what `url.<base>.annexInsteadOf`
 * makes of the url.
 */
export function contentsAddress(
  annexUrl: ByteString | undefined,
  url: ByteString | undefined,
  settings: Settings,
  base: ByteString,
): RemoteAddress | undefined {
  if (annexUrl !== undefined && annexUrl !== '') return addressOf(annexUrl, base);
  if (url === undefined || url === '') return undefined;
  const other = rewritten(rewritten(url, settings, 'insteadof') ?? url, settings, 'annexinsteadof');
  return other === undefined ? undefined : addressOf(other, base);
}

function addressOf(real: ByteString, base: ByteString): RemoteAddress {
  const scheme = /^([a-z0-9+.-]+):\/\//i.exec(real)?.[1]?.toLowerCase();
  if (scheme === 'file')
    return { kind: 'local', path: unescaped(real.slice('file://'.length).replace(/^[^/]+/, '')) };
  if (scheme === 'ssh' || scheme === 'git+ssh' || scheme === 'ssh+git') return { kind: 'ssh', url: real };
  if (scheme === 'http' || scheme === 'https' || /^annex\+https?$/.test(scheme ?? ''))
    return { kind: 'http', url: real };
  if (real.startsWith(P2P_SCHEME)) return { kind: 'p2p', url: real };
  if (scheme !== undefined || real.includes('::')) return { kind: 'other', url: real };
  if (/^[^/]*:/.test(real)) return { kind: 'ssh', url: real };
  return { kind: 'local', path: absolute(real, base) };
}

/** The longest value of the setting that the url starts with is replaced by its base; undefined when there is none. */
function rewritten(
  url: ByteString,
  settings: Settings,
  setting: 'insteadof' | 'annexinsteadof',
): ByteString | undefined {
  let best = { prefix: '', base: '' };
  for (const base of settings.subsections('url')) {
    for (const prefix of settings.getAll(`url.${base}.${setting}`)) {
      if (url.startsWith(prefix) && prefix.length > best.prefix.length) best = { prefix, base };
    }
  }
  if (best.prefix === '') return undefined;
  return `${best.base}${url.slice(best.prefix.length)}` as ByteString;
}

/** `path` as seen from `base`, without `.` and `..`. */
function absolute(path: string, base: ByteString): ByteString {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}` as ByteString;
}

/** Percent-decoding of bytes; a stray `%` stands for itself. */
function unescaped(text: string): ByteString {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  ) as ByteString;
}
