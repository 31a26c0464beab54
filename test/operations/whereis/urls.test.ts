import { expect, test } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { BITTORRENT, WEB } from '../../../src/operations/repositories/known-repositories.js';
import { takesUrls, urlsOf } from '../../../src/operations/whereis/urls.js';

const log = [
  '1s 1 http://b/1',
  '2s 0 http://gone/',
  '1s 1 yt:http://video/',
  '1s 1 quvi:http://old/',
  '1s 1 magnet:?xt=2',
  '1s 1 :magnet:?xt=urn:btih:aa',
  '1s 1 :http://x/y.torrent#4',
  '1s 1 :other://thing',
]
  .map((line) => `${line}\n`)
  .join('') as ByteString;

test('urls belong to the remote that downloads them, where it has the content', () => {
  const web = ['http://b/1', 'magnet:?xt=2', 'http://old/', 'http://video/'];
  const torrents = ['http://x/y.torrent#4', 'magnet:?xt=urn:btih:aa'];
  expect([...urlsOf(log, [WEB, BITTORRENT])]).toEqual([
    [WEB, web],
    [BITTORRENT, torrents],
  ]);
  expect([...urlsOf(log, [WEB])]).toEqual([[WEB, web]]);
  expect([...urlsOf(log, [])]).toEqual([]);
  expect([...urlsOf('' as ByteString, [WEB])]).toEqual([]);
});

test('the url log is read for the web and bittorrent only', () => {
  expect(takesUrls([BITTORRENT])).toBe(true);
  expect(takesUrls([])).toBe(false);
});
