import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import type { Incoming } from '../exchange/incoming.js';
import { createPieceWriter } from '../exchange/piece-writer.js';
import type { ExamineRequest } from '../remote.js';
import type { AnnexApi } from './annex-api.js';
import { parseDataLength, parsePresent } from './answers.js';
import type { HttpResponse } from './http-client.js';

/** A body that holds content, and what is known of its length. */
export interface ContentBody {
  readonly response: HttpResponse;
  /** Bytes that the server promised; undefined: it did not say. */
  readonly length: number | undefined;
}

/**
 * Asks for content from an offset on. Throws `content-missing` when the server does not have it; `protocol` when it has
 * something of another length.
 */
export async function askForContent(
  api: AnnexApi,
  key: Key,
  options: { readonly offset: number; readonly file: string | undefined; readonly signal: AbortSignal },
): Promise<ContentBody> {
  const { offset, file, signal } = options;
  const parameters = [
    ['associatedfile', file as Key | undefined],
    ['offset', offset === 0 ? undefined : offset],
  ] as const;
  let response = await api.content(key, parameters, { signal });
  if (response === undefined && !api.settled()) {
    // The server knows either the version or the key not: this tells which.
    const asked = await api.ask('checkpresent', [['key', key]], { signal });
    if (parsePresent(await asked.text())) response = await api.content(key, parameters, { signal });
  }
  if (response === undefined) throw missing();
  const length = parseDataLength(response.header('x-git-annex-data-length'));
  const rest = restOf(key, offset);
  if (length === 0 && rest !== 0) {
    response.discard();
    throw missing();
  }
  return { response, length };
}

/** Bytes that are still to come when the first ones are here; undefined: the key does not tell. */
export function restOf(key: Key, offset: number): number | undefined {
  const size = keySize(key);
  return size === undefined ? undefined : size - offset;
}

/**
 * Takes a body's bytes and puts the content in place. What came before the connection was cut is kept for the next attempt.
 * Throws `connection-lost`, `protocol` (more or less than was promised) and `content-corrupt`.
 */
export async function receiveContent(
  incoming: Incoming,
  key: Key,
  body: ContentBody,
  onBytes: (bytes: number) => Promise<void> | undefined,
): Promise<void> {
  let at = incoming.offset;
  const end = body.length === undefined ? undefined : at + body.length;
  let over = false;
  const { recycle } = body.response;
  try {
    for await (const bytes of body.response.body) {
      over = (end !== undefined && at + bytes.length > end) || tooLong(key, at + bytes.length);
      if (over) break;
      at += bytes.length;
      const written = incoming.write(bytes, recycle);
      if (written !== undefined) await written;
      const slower = onBytes(at);
      if (slower !== undefined) await slower;
    }
  } catch (error) {
    await incoming.leave();
    throw error;
  }
  if (over) {
    await incoming.discard();
    throw new AnnexError('protocol', 'the server sent more than it promised');
  }
  const size = keySize(key);
  if (at < (end ?? size ?? at)) {
    await incoming.leave();
    throw new AnnexError('connection-lost', 'the server sent less than it promised');
  }
  if (!(await incoming.admit())) throw new AnnexError('content-corrupt', 'verification of content failed');
}

/** Writes a body into the scratch file of a request, unchecked; of one that is too long enough to see that. */
export async function writeScratch({ key, scratch }: ExamineRequest, body: ContentBody): Promise<void> {
  const limit = keySize(key) ?? body.length ?? Number.POSITIVE_INFINITY;
  const writer = createPieceWriter(scratch, 0);
  let at = 0;
  try {
    for await (const bytes of body.response.body) {
      await writer.write(bytes, body.response.recycle);
      at += bytes.length;
      if (at > limit) break;
    }
    await writer.end();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  if (body.length !== undefined && at < body.length)
    throw new AnnexError('connection-lost', 'the server sent less than it promised');
}

function tooLong(key: Key, bytes: number): boolean {
  const size = keySize(key);
  return size !== undefined && bytes > size;
}

function missing(): AnnexError {
  return new AnnexError('content-missing', 'the remote does not have the content, or cannot send it');
}
