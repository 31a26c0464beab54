import { BlockList, isIP } from 'node:net';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';

/** A proxy that requests go through. */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** Whether the way to the proxy itself is TLS. */
  readonly secure: boolean;
  /** `Proxy-Authorization`. */
  readonly authorization: string | undefined;
}

/** Where a proxy listens that is given without a port (curl's). */
const DEFAULT_PORT = 1080;

/**
 * The proxy for a url, as git chooses it: the setting, where there is one (an empty one: none at all), else `https_proxy` or
 * `HTTPS_PROXY`, `http_proxy` (in lower case only: servers get `HTTP_PROXY` from their clients) and `all_proxy`; never for what
 * `no_proxy` lists. Throws `invalid-setting` for one that cannot be used.
 */
export function chooseProxy(
  url: URL,
  setting: ByteString | undefined,
  environment: NodeJS.ProcessEnv,
): HttpProxy | undefined {
  const variable = (...names: string[]) => names.map((name) => environment[name]).find((value) => value);
  const listed = variable('no_proxy', 'NO_PROXY');
  if (listed !== undefined && isListed(url, listed)) return undefined;
  if (setting !== undefined) return setting === '' ? undefined : parseProxy(toText(setting), 'http.proxy');
  const secure = url.protocol === 'https:';
  const own = secure ? variable('https_proxy', 'HTTPS_PROXY') : variable('http_proxy');
  if (own !== undefined) return parseProxy(own, secure ? 'https_proxy' : 'http_proxy');
  const all = variable('all_proxy', 'ALL_PROXY');
  // git-annex takes no notice of it at all.
  return all === undefined || /^socks/i.test(all) ? undefined : parseProxy(all, 'all_proxy');
}

/** @param where where it was said, for the complaint */
function parseProxy(text: string, where: string): HttpProxy {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.hostname === '')
    throw new AnnexError('invalid-setting', `${where} is no url of a proxy`);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    const hint = 'Proxies of the schemes http and https are; ssh remotes can go through others.';
    throw new AnnexError('invalid-setting', `${where}: ${parsed.protocol} proxies are not supported`, {
      hint,
    });
  }
  const secure = parsed.protocol === 'https:';
  // An url's usual port is not kept in it.
  const usual = /:(?:80|443)\/*$/.test(url.replace(/^[^:]*:\/\//, ''));
  const port =
    parsed.port !== '' ? Number(parsed.port) : usual || secure ? (secure ? 443 : 80) : DEFAULT_PORT;
  const user = `${unescaped(parsed.username)}:${unescaped(parsed.password)}`;
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port,
    secure,
    authorization: user === ':' ? undefined : `Basic ${Buffer.from(user, 'utf8').toString('base64')}`,
  };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `*`, host names and their domains, addresses, and networks (`10.0.0.0/8`), between commas or spaces. */
function isListed(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((word) => {
      if (word === '*') return true;
      const [network = '', prefix] = word.replace(/^\[|\](?=\/|$)/g, '').split('/');
      if (isIP(host) === 0) {
        const name = word.replace(/^\*?\.|\.$/g, '');
        return name !== '' && (host === name || host.endsWith(`.${name}`));
      }
      if (isIP(network) !== isIP(host)) return false;
      const bits = prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix);
      if (!/^\d*$/.test(prefix ?? '') || bits > (family === 'ipv6' ? 128 : 32)) return false;
      const addresses = new BlockList();
      addresses.addSubnet(network, bits, family);
      return addresses.check(host, family);
    });
}
