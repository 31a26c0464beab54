import { AnnexError } from '../../domain/errors.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import { parseAnnexUrl } from './annex-url.js';
import { httpRefusal } from './http-failures.js';
import type { WebRequests } from './web-requests.js';

/** What the config file of a repository that is served over http says. */
export interface RemoteConfig {
  readonly uuid: Uuid | undefined;
  /** `annex.url`, where it is one of the P2P protocol over HTTP. */
  readonly annexUrl: ByteString | undefined;
}

/**
 * Downloads the git config file of a repository. Throws `remote-unavailable` when the server can't be reached now, other codes
 * when it does not give the file.
 * @param url the repository's git directory
 */
export async function fetchConfig(
  web: WebRequests,
  git: Pick<Git, 'run'>,
  url: string,
): Promise<RemoteConfig> {
  const place = `${url}/config`;
  const response = await web.send('GET', place);
  if (response.status !== 200) {
    response.discard();
    if (response.status === 404)
      throw new AnnexError('not-initialized', `${place} download failed: Not Found`);
    throw httpRefusal(new URL(place).host, response.status);
  }
  return parseConfig(git, fromText(await response.text()));
}

/** git reads it, and follows no includes. */
async function parseConfig(git: Pick<Git, 'run'>, text: ByteString): Promise<RemoteConfig> {
  const args = ['config', '--file', '-', '--no-includes', '--null', '--get-regexp', '^annex\\.(uuid|url)$'];
  const { exitCode, stdout } = await git.run(args, { input: text, accept: 'any' });
  if (exitCode > 1) throw new AnnexError('protocol', 'the server gave something else than a git config file');
  const values = new Map<string, ByteString>();
  for (const record of stdout.split('\0')) {
    const newline = record.indexOf('\n');
    if (newline !== -1) values.set(record.slice(0, newline), record.slice(newline + 1) as ByteString);
  }
  const annexUrl = values.get('annex.url');
  return {
    uuid: parseUuid(values.get('annex.uuid') ?? ''),
    annexUrl: annexUrl !== undefined && parseAnnexUrl(annexUrl) !== undefined ? annexUrl : undefined,
  };
}
