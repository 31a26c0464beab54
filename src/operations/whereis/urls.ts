import { parseUrlLog } from '../../domain/logs/url-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { BITTORRENT, WEB } from '../repositories/known-repositories.js';

/** Where content can be downloaded, by the special remote that would do it. */
export type UrlsByRemote = ReadonlyMap<Uuid, readonly ByteString[]>;

const NO_URLS: UrlsByRemote = new Map();

/** Whether any of these repositories takes content from urls, so that the url log matters. */
export function takesUrls(uuids: readonly Uuid[]): boolean {
  return uuids.includes(WEB) || uuids.includes(BITTORRENT);
}

/**
 * The urls in a url log (`KEY.log.web`) that the web and bittorrent among `uuids` use. A leading colon marks urls that
 * another remote than the web downloads; `yt:` and `quvi:` say how the web does it and are no part of the url.
 */
export function urlsOf(log: ByteString, uuids: readonly Uuid[]): UrlsByRemote {
  if (log === '') return NO_URLS;
  const web: ByteString[] = [];
  const torrents: ByteString[] = [];
  for (const url of parseUrlLog(log)) {
    if (!url.startsWith(':')) web.push(url.replace(/^(?:yt|quvi):/, '') as ByteString);
    else if (isTorrent(url.slice(1))) torrents.push(url.slice(1) as ByteString);
  }
  const found: [Uuid, ByteString[]][] = [
    [WEB, web],
    [BITTORRENT, torrents],
  ];
  return new Map(found.filter(([uuid, urls]) => urls.length > 0 && uuids.includes(uuid)));
}

function isTorrent(url: string): boolean {
  return /^magnet:\?xt=urn:btih:/.test(url) || /\.torrent(?:#\d+)?$/.test(url);
}
