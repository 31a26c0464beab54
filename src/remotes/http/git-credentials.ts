import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { createMutex } from '../../lib/mutex.js';
import type { Git } from '../../repository/git/git.js';

/** A user name and password; neither is to be shown anywhere. */
export interface Credential {
  readonly username: ByteString;
  readonly password: ByteString;
  /** All that git's helpers said, to be given back to them. */
  readonly whole: ByteString;
}

/** The credential for one server, as git keeps it (gitcredentials): asked for once, and remembered for this process. */
export interface GitCredentials {
  /**
   * The credential; when one is known already and it is not `rejected`, that one. Without a terminal nobody is asked. Throws
   * `permission` when there is none.
   */
  get(rejected?: Credential): Promise<Credential>;
  /** The one that is known already. */
  known(): Credential | undefined;
  /** The server took it: helpers may keep it. */
  approve(credential: Credential): Promise<void>;
  /** The server did not take it: helpers should forget it. */
  reject(credential: Credential): Promise<void>;
}

/** @param url the url as git knows it, user info included */
export function createGitCredentials(git: Pick<Git, 'run'>, url: ByteString): GitCredentials {
  const mutex = createMutex();
  let current: Credential | undefined;
  let approved: Credential | undefined;

  async function fill(): Promise<Credential> {
    const input = `url=${url}\n\n` as ByteString;
    const { exitCode, stdout } = await git.run(['credential', 'fill'], { input, accept: 'any' });
    const credential = exitCode === 0 ? parseCredential(stdout) : undefined;
    if (credential !== undefined) return credential;
    throw new AnnexError('permission', 'the server wants a user name and password, and git knows none', {
      hint: 'Set up a credential helper of git (see gitcredentials), or run this in a terminal to be asked.',
    });
  }
  async function tell(verb: 'approve' | 'reject', { whole }: Credential): Promise<void> {
    await git.run(['credential', verb], { input: `${whole}\n` as ByteString, accept: 'any' });
  }

  return {
    known: () => current,
    get: (rejected) =>
      mutex.run(async () => {
        if (current === undefined || current === rejected) current = await fill();
        return current;
      }),
    approve: (credential) =>
      mutex.run(async () => {
        if (approved === credential) return;
        approved = credential;
        await tell('approve', credential);
      }),
    reject: (credential) =>
      mutex.run(async () => {
        if (current === credential) current = undefined;
        await tell('reject', credential);
      }),
  };
}

/** What `git credential fill` prints: `NAME=VALUE` lines. */
export function parseCredential(text: ByteString): Credential | undefined {
  const value = (name: string): ByteString | undefined => {
    const line = text.split('\n').find((one) => one.startsWith(`${name}=`));
    return line?.slice(name.length + 1) as ByteString | undefined;
  };
  const username = value('username');
  const password = value('password');
  if (username === undefined || password === undefined) return undefined;
  return { username, password, whole: text };
}

/** The value of the header `Authorization`, in UTF-8 as the protocol says. */
export function basicAuthorization({ username, password }: Credential): string {
  return `Basic ${btoa(`${username}:${password}`)}`;
}

/**
 * The url to ask git's helpers about: the remote's own, where that is http on the same host, so that one password serves
 * git and its contents (`remote.<name>.annexUrl`), else the annex url.
 */
export function credentialUrl(gitUrl: ByteString | undefined, annexUrl: ByteString): ByteString {
  return gitUrl !== undefined && sameHost(gitUrl, annexUrl) ? withUserOf(gitUrl, annexUrl) : annexUrl;
}

/** A password for https is not to be sent in the clear: then the url of git does not count. */
function sameHost(gitUrl: string, annexUrl: string): boolean {
  const [git, annex] = [gitUrl, annexUrl].map((url) =>
    /^(?:annex\+)?(https?):\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(url.toLowerCase()),
  );
  if (!/^https?:/i.test(gitUrl) || git === null || annex === null) return false;
  return git?.[2] === annex?.[2] && !(git?.[1] === 'https' && annex?.[1] === 'http');
}

function withUserOf(gitUrl: ByteString, annexUrl: ByteString): ByteString {
  const user = /^[^/]*\/\/([^/?#]*@)/.exec(annexUrl)?.[1];
  if (user === undefined) return gitUrl;
  return gitUrl.replace(/^([^/]*\/\/)(?:[^/?#]*@)?/, (_, start: string) => `${start}${user}`) as ByteString;
}
