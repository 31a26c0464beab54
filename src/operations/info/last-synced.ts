import { readdirSync, readFileSync } from 'node:fs';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { RepositoryLocation } from '../../repository/repository.js';

/** When one of a remote's branches was last seen to change, by git's reflogs: `2026-11-21 22:09:15 UTC`, or `never`. */
export function lastSynced({ commonDir }: RepositoryLocation, remote: ByteString): string {
  let newest: number | undefined;
  for (const file of filesBelow(`${commonDir}/logs/refs/remotes/${remote}` as ByteString)) {
    const time = lastTime(fromBuffer(readFileSync(toPath(file))));
    if (time !== undefined && (newest === undefined || time > newest)) newest = time;
  }
  if (newest === undefined) return 'never';
  return `${new Date(newest * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Seconds since 1970 of a reflog's last line: `OLD NEW NAME <MAIL> SECONDS ZONE\tMESSAGE`. */
function lastTime(reflog: ByteString): number | undefined {
  const line = reflog.slice(reflog.lastIndexOf('\n', reflog.length - 2) + 1);
  const seconds = /> (\d{1,11}) [+-]\d{4}(?:\t|\n?$)/.exec(line)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function* filesBelow(folder: ByteString): Generator<ByteString> {
  for (const entry of entriesOf(folder)) {
    const path = `${folder}/${entry.name}` as ByteString;
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

function entriesOf(folder: ByteString) {
  try {
    return readdirSync(toPath(folder), { withFileTypes: true, encoding: 'latin1' });
  } catch {
    return [];
  }
}
