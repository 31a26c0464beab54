import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { openIncoming } from '../exchange/incoming.js';
import type { TransferContext, TransferRequest } from '../remote.js';
import { createArriving } from './arriving.js';
import { type ContentBody, receiveContent } from './download.js';

export interface RetrievalOptions {
  readonly here: Repository;
  /** The repository that has the contents. */
  readonly uuid: Uuid;
  /** Whether what comes is checked. */
  readonly verify: boolean;
  /**
   * Asks for a content from an offset on. Undefined, where the offset is not 0: what is there does not go on where what is here
   * ends. Throws why it cannot be had.
   */
  readonly ask: (key: Key, options: AskForBody) => Promise<ContentBody | undefined>;
}

export interface AskForBody {
  readonly offset: number;
  readonly file: ByteString | undefined;
  readonly signal: AbortSignal;
}

type Retrieve = <R extends TransferRequest>(request: R, context: TransferContext<R>) => Promise<true>;

/**
 * Receives contents into the store, each going on where an attempt before it ended, or anew where that cannot be gone on with.
 * Room is kept for all that are on their way.
 */
export function createRetrieval({ here, uuid, verify, ask }: RetrievalOptions): Retrieve {
  const arriving = createArriving();

  async function open<R extends TransferRequest>(request: R, ignoreReserve: boolean) {
    const { key, file } = request;
    arriving.set(request, 0);
    const opening = openIncoming(here, {
      key,
      from: uuid,
      file,
      verify,
      ignoreReserve,
      alsoExpected: arriving.bytes,
    });
    arriving.set(request, keySize(key) ?? 0);
    const incoming = await opening;
    arriving.set(request, leftOf(key, incoming.offset));
    return incoming;
  }

  /** False: what was here was of no use, and is gone. */
  async function attempt<R extends TransferRequest>(
    request: R,
    { signal, ignoreReserve = false, onResume, onProgress }: TransferContext<R>,
  ): Promise<boolean> {
    const { key, file } = request;
    const incoming = await open(request, ignoreReserve);
    const { offset } = incoming;
    const body = await ask(key, { offset, file, signal }).catch(async (error: unknown) => {
      await incoming.leave();
      throw error;
    });
    if (body === undefined) {
      await incoming.discard();
      return false;
    }
    if (offset > 0) onResume?.(request, offset);
    await receiveContent(incoming, key, body, (bytes) => {
      arriving.set(request, leftOf(key, bytes));
      return onProgress?.(request, bytes);
    });
    return true;
  }

  return async (request, context) => {
    try {
      if ((await attempt(request, context)) || (await attempt(request, context))) return true;
      throw new AnnexError('protocol', 'the server gave another part of the content');
    } finally {
      arriving.set(request, 0);
    }
  };
}

/** Bytes still to come after so many; 0 where the key does not tell. */
function leftOf(key: Key, bytes: number): number {
  return Math.max(0, (keySize(key) ?? 0) - bytes);
}
