import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Settings } from '../../repository/settings/settings.js';

/** Settings `http.<name>`, and `http.<pattern>.<name>` where the pattern matches the url: git-config(1), `http.<url>.*`. */
export interface UrlSettings {
  /** The value for the pattern that matches best. */
  get(name: string): ByteString | undefined;
  /** Those for all patterns that match, the best last. */
  getAll(name: string): readonly ByteString[];
  bool(name: string, fallback: boolean): boolean;
}

/** @param url names of settings are in lower case */
export function createUrlSettings(
  settings: Pick<Settings, 'get' | 'getAll' | 'subsections'>,
  url: URL,
): UrlSettings {
  const places = [
    'http',
    ...matchingPatterns(settings.subsections('http'), url).map((pattern) => `http.${pattern}`),
  ];
  const getAll = (name: string) => places.flatMap((place) => settings.getAll(`${place}.${name}`));
  const get = (name: string) => getAll(name).at(-1);
  return {
    get,
    getAll,
    bool(name, fallback) {
      const value = get(name)?.toLowerCase();
      if (value === undefined) return fallback;
      if (['true', 'yes', 'on', '1'].includes(value)) return true;
      if (['false', 'no', 'off', '0', ''].includes(value)) return false;
      throw new AnnexError('invalid-setting', `http.${name} is neither true nor false`);
    },
  };
}

/** The patterns that a url matches, the best last: urls of one server that match the same have the same settings. */
export function matchingPatterns(patterns: readonly ByteString[], url: URL): readonly ByteString[] {
  return patterns
    .map((pattern) => ({ pattern, weight: matchWeight(pattern, url) }))
    .filter(({ weight }) => weight !== undefined)
    .sort((a, b) => compare(a.weight as Weight, b.weight as Weight))
    .map(({ pattern }) => pattern);
}

/** How well a pattern matches, what counts most first. */
type Weight = readonly [exactHost: number, path: number, user: number];

function compare(a: Weight, b: Weight): number {
  const at = a.findIndex((one, index) => one !== b[index]);
  return at === -1 ? 0 : (a[at] as number) - (b[at] as number);
}

/** Undefined: it does not match. In the host, `*` stands for one of the parts between dots. */
export function matchWeight(pattern: string, url: URL): Weight | undefined {
  const match = /^(https?):\/\/(?:([^/?#@]*)@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?([^?#]*)$/i.exec(pattern);
  if (match === null) return undefined;
  const [, scheme = '', user, host = '', port, path = ''] = match;
  if (`${scheme.toLowerCase()}:` !== url.protocol) return undefined;
  const usual = url.protocol === 'https:' ? '443' : '80';
  if ((port ?? usual) !== (url.port || usual)) return undefined;
  const wanted = host.toLowerCase().split('.');
  const parts = url.hostname.split('.');
  const sameHost =
    wanted.length === parts.length && wanted.every((part, index) => part === '*' || part === parts[index]);
  if (!sameHost) return undefined;
  if (user !== undefined && user !== url.username) return undefined;
  const folder = path.replace(/\/+$/, '');
  if (`${url.pathname}/`.startsWith(`${folder}/`) === false) return undefined;
  return [wanted.includes('*') ? 0 : 1, folder.length, user === undefined ? 0 : 1];
}
