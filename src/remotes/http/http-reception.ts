import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { createAsyncQueue } from '../../lib/async-queue.js';
import type { ByteString } from '../../lib/bytes.js';
import { plainly } from '../../protocol/outcome.js';
import type { Reception } from '../../protocol/served-content.js';
import type { AnnexApi } from './annex-api.js';
import { parseStored } from './answers.js';
import { notTheClients } from './http-failures.js';
import { PUT_PATIENCE, putRequest } from './upload.js';

export interface HttpReceptionOptions {
  readonly api: AnnexApi;
  readonly key: Key;
  readonly file: ByteString;
  /** Bytes that the server has already. */
  readonly offset: number;
  /** Called once it has ended in whatever way. */
  readonly done: () => void;
}

/** Content on its way to an http server, as fast as that takes it. */
export function httpReception({ api, key, file, offset, done }: HttpReceptionOptions): Reception {
  const stopped = new AbortController();
  const body = createAsyncQueue<Uint8Array>(1);
  let answer: Promise<string> | undefined;
  let answered = false;
  let refuse = () => {};
  /** Kept back, so that a content which turns out to be none is not complete there. */
  let last: Uint8Array | undefined;

  async function send(length: number): Promise<string> {
    let begun = false;
    const { parameters, headers } = putRequest(key, file === '' ? undefined : file, offset, length);
    const response = await api.ask('put', parameters, {
      headers,
      body() {
        // What has gone cannot be sent again, with a password or to an older version.
        if (begun) throw new AnnexError('remote-unavailable', 'the server did not take the content at once');
        begun = true;
        return body;
      },
      patience: PUT_PATIENCE,
      signal: stopped.signal,
    });
    return response.text();
  }
  /** False: the server takes no more. One that has said no need not read the rest. */
  function taken(piece: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      refuse = () => resolve(false);
      if (answered) refuse();
      else void Promise.resolve(body.push(piece)).then(resolve);
    });
  }
  async function pass(piece: Uint8Array): Promise<void> {
    if (await taken(piece)) return;
    await answer;
    throw new AnnexError('remote-unavailable', 'the server took only a part of the content');
  }
  async function stop(): Promise<void> {
    stopped.abort();
    body.end();
    await answer?.catch(() => undefined);
    done();
  }

  return {
    offset,
    async begin(length) {
      answer = notTheClients(send(length));
      const over = () => {
        answered = true;
        refuse();
      };
      answer.then(over, over);
    },
    write(bytes) {
      const piece = last;
      last = bytes;
      return piece && pass(piece);
    },
    async finish(confirmed = true) {
      if (!confirmed) {
        await stop();
        return plainly(false);
      }
      try {
        if (last !== undefined) await pass(last);
        body.end();
        const { stored, plusUuids } = parseStored((await answer) ?? '');
        return { success: stored, also: plusUuids };
      } finally {
        done();
      }
    },
    discard: stop,
    leave: stop,
  };
}
