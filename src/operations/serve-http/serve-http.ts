import { type ByteString, fromText } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../context.js';
import { openRepository } from '../open-repository.js';
import { findRepositories } from './find-repositories.js';
import { createFinder, type Finder } from './find-served.js';
import { createHeldLocks } from './held-locks.js';
import { type Address, endServer, listen, openServer, type TlsFiles, watchCertificates } from './listen.js';
import { openLog } from './open-log.js';
import type { Rights } from './permissions.js';
import { createRequestListener } from './request-listener.js';
import { createServedRepositories, describeError, type ServedRepositories } from './served-repositories.js';
import { takeUsers } from './users.js';

export interface ServeHttpRequest extends Address {
  /** The repository to serve, when there are no folders: the one at or above it. */
  readonly here: ByteString;
  /** Folders whose repositories are served. */
  readonly directories: readonly ByteString[];
  readonly tls: TlsFiles | undefined;
  /** Users and passwords of the environment: over TLS only, or over plain connections as well. */
  readonly passwords: 'none' | 'tls' | 'always';
  readonly anonymous: Rights | undefined;
  /** Transfers at once, for each repository. */
  readonly jobs: number;
  /** Nodes of a cluster that are asked for something at once, for each request; undefined: `annex.jobs` of the gateway, else all. */
  readonly clusterJobs: number | undefined;
  /** Contents that clients may keep locked at once. */
  readonly lockedFiles: number;
  /** Undefined: standard error. */
  readonly accessLog: string | undefined;
  readonly quiet: boolean;
}

/** Milliseconds that clients keep a lock for without a connection. */
const LOCK_LIFETIME = 600_000;

/** Milliseconds that requests have to end when the server is told to stop. */
const GRACE = 5_000;

/** Serves the API until the signal is aborted. Throws when it cannot start. */
export async function serveHttp(request: ServeHttpRequest, context: OperationContext): Promise<Outcome> {
  const { tls, passwords } = request;
  const users = takeUsers(process.env);
  const onError = (error: unknown) => context.emit({ type: 'warning', text: describeError(error) });
  const log = openLog(request.accessLog, request.quiet);
  const repositories = await openServed(request, onError);
  const locks = createHeldLocks({ most: request.lockedFiles, lifetime: LOCK_LIFETIME });
  const asksPassword = passwords === 'always' || (passwords === 'tls' && tls !== undefined);
  const policy = { anonymous: request.anonymous, asksPassword };
  const useless = uselessness(request, asksPassword);
  if (useless !== undefined) context.emit({ type: 'warning', text: useless });
  const served = { repositories, locks, policy, users: asksPassword ? users : undefined, onError };
  try {
    const server = openServer(tls, createRequestListener(served, log.write));
    const url = await listen(server, request, tls !== undefined);
    if (!request.quiet) context.emit({ type: 'output', bytes: fromText(`Listening on ${url}\n`) });
    const unwatch = tls && watchCertificates(server, tls, onError);
    await aborted(context.signal);
    unwatch?.();
    const ended = endServer(server, GRACE);
    await locks.close();
    await ended;
  } finally {
    await locks.close();
    await repositories.close();
    log.close();
  }
  return { failed: 0, stoppedByLimit: false };
}

/** What is wrong with options that leave people out. */
function uselessness({ passwords, anonymous }: ServeHttpRequest, asksPassword: boolean): string | undefined {
  if (passwords !== 'none' && !asksPassword)
    return 'Passwords are taken over TLS only (--certfile, --privatekeyfile), or with --authenv-http.';
  if (anonymous === undefined && !asksPassword)
    return 'Nobody may do anything: see --authenv, --unauth-readonly, --unauth-appendonly and --wideopen.';
  return undefined;
}

async function openServed(
  { here, directories, jobs, clusterJobs }: ServeHttpRequest,
  onError: (error: unknown) => void,
): Promise<ServedRepositories> {
  if (directories.length > 0) {
    const finder = createFinder(() => findRepositories(directories));
    const open = (folder: ByteString) => openRepository(folder, { autoInit: false });
    return createServedRepositories({ ...finder, open, jobs, clusterJobs, onError });
  }
  // Whatever is wrong with it is to be seen at once.
  const repository = await openRepository(here);
  const { uuid } = repository;
  await repository.close();
  const finder: Finder = {
    find: async (asked) => (asked === uuid ? here : undefined),
    isKnown: async (asked) => asked === uuid,
    gateways: async () => [uuid],
  };
  return createServedRepositories({ ...finder, open: openRepository, jobs, clusterJobs, onError });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
