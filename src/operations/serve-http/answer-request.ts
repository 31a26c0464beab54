import { AnnexError } from '../../domain/errors.js';
import { keySize } from '../../domain/key.js';
import { type Outcome, plainly } from '../../protocol/outcome.js';
import { serveRepository } from '../serve/serve-repository.js';
import { answerJson, type Exchange, passOver, patiently } from './exchange.js';
import type { HeldLocks } from './held-locks.js';
import {
  alreadyHaveBody,
  lockedBody,
  offsetBody,
  presentBody,
  removedBody,
  storedBody,
  timestampBody,
} from './json-bodies.js';
import { keepLocked } from './keep-locked.js';
import { type HttpRequest, parseRequest } from './parse-request.js';
import { partialSize } from './partial-size.js';
import { checkPermission, type Policy } from './permissions.js';
import { HttpRefusal } from './refusal.js';
import { sendContent } from './send-content.js';
import type { ServedRepositories, Use } from './served-repositories.js';
import { takeContent } from './take-content.js';
import { parseAuthorization, type Users } from './users.js';

/** What all requests to a server share. */
export interface Served {
  readonly repositories: ServedRepositories;
  readonly locks: HeldLocks;
  readonly policy: Policy;
  /** Undefined: passwords are of no use. */
  readonly users: Users | undefined;
  readonly onError: (error: unknown) => void;
}

/** Bytes of a body that is not looked at. */
const UNWANTED = 1 << 20;

/** Answers one request. Throws `HttpRefusal`, and what goes wrong otherwise. */
export async function answerRequest(exchange: Exchange, served: Served): Promise<void> {
  const { method = '', url = '', headers } = exchange.request;
  const length = headers['x-git-annex-data-length'];
  const request = parseRequest({
    method,
    target: url,
    dataLength: Array.isArray(length) ? length[0] : length,
  });
  const credentials = parseAuthorization(headers.authorization);
  const use = await served.repositories.use(request.server);
  if (use === undefined) throw new HttpRefusal(404);
  let isOurs = true;
  try {
    const rights = credentials && served.users?.rightsOf(credentials);
    if (rights !== undefined) exchange.user = credentials?.name;
    checkPermission(request.ask, rights, served.policy);
    isOurs = await answer(exchange, request, use, served);
  } finally {
    if (isOurs) use.done();
  }
}

/** False when the repository goes on being used. */
async function answer(
  exchange: Exchange,
  request: HttpRequest,
  use: Use,
  { locks, onError }: Served,
): Promise<boolean> {
  const { repository } = use;
  const client = request.client ?? repository.uuid;
  const content = serveRepository({
    repository,
    client,
    onChange: use.changed,
    sharedUploads: true,
    onCancel: () => exchange.response.destroy(),
  });
  const version = request.version ?? 0;
  if (request.ask !== 'put' && request.ask !== 'keeplocked') await passOver(exchange, UNWANTED);
  switch (request.ask) {
    case 'get':
      await withSlot(exchange, use, () => sendContent(exchange, request, content));
      return true;
    case 'checkpresent':
      answerJson(exchange, presentBody(await content.present(request.key)));
      return true;
    case 'gettimestamp':
      answerJson(exchange, timestampBody(content.now()));
      return true;
    case 'lockcontent': {
      const lock = await content.lock(request.key);
      const id = lock && locks.add(lock, use.done);
      if (id === undefined) await lock?.release();
      answerJson(exchange, lockedBody(id));
      return id === undefined;
    }
    case 'keeplocked':
      await keepLocked(exchange, request.lockId, locks);
      answerJson(exchange, lockedBody(undefined));
      return true;
    case 'remove':
    case 'remove-before': {
      const before = request.ask === 'remove-before' ? request.before : undefined;
      const removed = await orFailure(exchange, onError, () =>
        patiently(exchange, () => content.remove(request.key, before)),
      );
      answerJson(exchange, removedBody(version, removed));
      return true;
    }
    case 'putoffset': {
      const here = await content.present(request.key);
      answerJson(
        exchange,
        here ? alreadyHaveBody(version) : offsetBody(partialSize(repository, request.key)),
      );
      return true;
    }
    case 'put': {
      const take = async () => {
        const here = await content.present(request.key);
        // Where the key tells its size, that is looked at in any case.
        if (!here && keySize(request.key) === undefined) repository.objects.reserve(request.length);
        return takeContent(exchange, request, content);
      };
      const stored = await orFailure(exchange, onError, () => withSlot(exchange, use, take));
      answerJson(exchange, storedBody(version, stored));
      return true;
    }
  }
}

/** Waits for a place among the transfers. */
async function withSlot<T>(exchange: Exchange, { slots }: Use, work: () => Promise<T>): Promise<T> {
  const giveBack = await patiently(exchange, () =>
    slots.take({
      gone: exchange.gone,
      moved: () => exchange.sent + exchange.received,
      evict: () => exchange.request.socket.destroy(),
    }),
  );
  if (giveBack === undefined) throw new AnnexError('connection-lost', 'the client is gone');
  try {
    return await work();
  } finally {
    giveBack();
  }
}

/** The API has no word for why something could not be done: the server's log has. */
async function orFailure(
  exchange: Exchange,
  onError: (error: unknown) => void,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (exchange.gone.aborted) throw error;
    onError(error);
    return plainly(false);
  }
}
