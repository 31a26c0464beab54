import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { fetchConfig, type RemoteConfig } from './fetch-config.js';
import { createGitCredentials } from './git-credentials.js';
import { assertSchemeAllowed, openHttpClient } from './open-http.js';
import { webUrl } from './web-url.js';
import { createWebRequests } from './web-requests.js';

/** Downloads the git config of a repository on a web server; see `fetchConfig`. */
export async function discoverHttp(here: Repository, gitUrl: ByteString): Promise<RemoteConfig> {
  const { settings, git, location } = here;
  assertSchemeAllowed(settings, /^https/i.test(gitUrl) ? 'https' : 'http');
  const client = openHttpClient(settings);
  try {
    const credentials = createGitCredentials(git, gitUrl);
    const folder = location.workTree ?? location.gitDir;
    const web = createWebRequests({ client, credentials, settings, folder });
    return await fetchConfig(web, git, webUrl(gitUrl) ?? toText(gitUrl));
  } finally {
    client.close();
  }
}
