import { AnnexError } from '../../domain/errors.js';
import { keySize } from '../../domain/key.js';
import { type Outcome, plainly } from '../../protocol/outcome.js';
import type { ServedContent } from '../../protocol/served-content.js';
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
import { offsetBehind, offsetHere, orParked } from './put-offset.js';
import { checkPermission, type Policy } from './permissions.js';
import { asOutOfReach, HttpRefusal } from './refusal.js';
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
  } catch (error) {
    throw use.isBehind ? asOutOfReach(error) : error;
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
  const version = request.version ?? 0;
  if (request.ask !== 'put' && request.ask !== 'keeplocked') await passOver(exchange, UNWANTED);
  if (request.ask === 'keeplocked') {
    await keepLocked(exchange, request.lockId, locks);
    answerJson(exchange, lockedBody(undefined));
    return true;
  }
  const content = await contentFor(exchange, request, use);
  switch (request.ask) {
    case 'get':
      await withSlot(exchange, use, () => sendContent(exchange, request, content));
      return true;
    case 'checkpresent':
      answerJson(exchange, presentBody(await asking(exchange, use, () => content.present(request.key))));
      return true;
    case 'gettimestamp':
      answerJson(exchange, timestampBody(content.now()));
      return true;
    case 'lockcontent': {
      const lock = await patiently(exchange, () => content.lock(request.key));
      const id = lock && locks.add(lock, use.done);
      if (id === undefined) await lock?.release();
      answerJson(exchange, lockedBody(id));
      return id === undefined;
    }
    case 'remove':
    case 'remove-before': {
      const before = request.ask === 'remove-before' ? request.before : undefined;
      const removed = await orFailure(exchange, use, onError, () =>
        asking(exchange, use, () => content.remove(request.key, before)),
      );
      answerJson(exchange, removedBody(version, removed));
      return true;
    }
    case 'putoffset': {
      const answer = use.isBehind
        ? await offsetBehind(request, use, content, (work) => asking(exchange, use, work))
        : await offsetHere(request.key, use, content);
      answerJson(exchange, answer.there ? alreadyHaveBody(version, answer.also) : offsetBody(answer.offset));
      return !answer.parked;
    }
    case 'put': {
      const take = async () => {
        if (use.isBehind) return takeContent(exchange, request, orParked(content, request, use));
        const here = await content.present(request.key);
        // Where the key tells its size, that is looked at in any case.
        if (!here && keySize(request.key) === undefined) use.repository.objects.reserve(request.length);
        return takeContent(exchange, request, content);
      };
      const stored = await orFailure(exchange, use, onError, () => withSlot(exchange, use, take));
      answerJson(exchange, storedBody(version, stored));
      return true;
    }
  }
}

/** What the client is to see of the repository, which may have come to be out of reach. */
async function contentFor(exchange: Exchange, request: HttpRequest, use: Use): Promise<ServedContent> {
  const { bypass, client = use.repository.uuid } = request;
  const onCancel = () => exchange.response.destroy();
  const content = await patiently(exchange, () =>
    use.serve({ client, bypass, sharedUploads: true, onCancel }),
  );
  if (content === undefined) throw new HttpRefusal(404);
  return content;
}

/** Asks something that may need a connection to another repository. */
function asking<T>(exchange: Exchange, use: Use, work: () => Promise<T>): Promise<T> {
  // Nobody is in the way of others with a question.
  const moved = () => performance.now() * 1e6;
  const patient = () => patiently(exchange, work);
  return use.isBehind ? withSlot(exchange, use, patient, moved) : patient();
}

/** Waits for a place among the transfers. */
async function withSlot<T>(
  exchange: Exchange,
  { slots }: Use,
  work: () => Promise<T>,
  moved = () => exchange.sent + exchange.received,
): Promise<T> {
  const giveBack = await patiently(exchange, () =>
    slots.take({
      gone: exchange.gone,
      moved,
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

/** The API has no word for why something could not be done here: the server's log has. */
async function orFailure(
  exchange: Exchange,
  { isBehind }: Use,
  onError: (error: unknown) => void,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (exchange.gone.aborted || (isBehind && error instanceof AnnexError)) throw error;
    onError(error);
    return plainly(false);
  }
}
