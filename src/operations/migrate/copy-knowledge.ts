import { keyLogPath, locationLogPath } from '../../domain/hash-directories.js';
import { setLocation } from '../../domain/logs/location-log.js';
import { parseMetadata } from '../../domain/logs/metadata-log.js';
import { addUrl, parseUrlLog } from '../../domain/logs/url-log.js';
import type { ByteString } from '../../lib/bytes.js';
import type { BranchChange } from '../../repository/branch/annex-branch.js';
import type { Repository } from '../../repository/repository.js';
import { WEB } from '../repositories/known-repositories.js';
import { logClock } from '../settings-log/log-clock.js';
import type { Migration } from './migrations.js';

/** Gives new keys the metadata and the urls of the old ones. */
export async function copyKnowledge(
  branch: Repository['branch'],
  migrations: readonly Migration[],
): Promise<void> {
  if (migrations.length === 0) return;
  const now = logClock();
  const changes: BranchChange[] = [];
  const metadata = await contents(
    branch,
    migrations.map(({ from }) => keyLogPath(from, 'metadata')),
  );
  const urls = await contents(
    branch,
    migrations.map(({ from }) => keyLogPath(from, 'web')),
  );
  migrations.forEach(({ to }, i) => {
    const log = metadata[i] as ByteString;
    if (parseMetadata(log).fields.size > 0) {
      changes.push({
        path: keyLogPath(to, 'metadata'),
        change: (content) => (content === '' ? log : content),
      });
    }
    const known = parseUrlLog(urls[i] as ByteString);
    if (known.length === 0) return;
    changes.push({
      path: keyLogPath(to, 'web'),
      change: (content) => known.reduce((log, url) => addUrl(log, url, now), content),
    });
    if (known.every((url) => url.startsWith(':'))) return;
    changes.push({
      path: locationLogPath(to),
      change: (content) => setLocation(content, WEB, '1', now),
      about: WEB,
    });
  });
  if (changes.length > 0) await branch.change(changes);
}

async function contents(branch: Repository['branch'], paths: readonly ByteString[]): Promise<ByteString[]> {
  const all: ByteString[] = [];
  for await (const { content } of branch.readMany(paths)) all.push(content);
  return all;
}
