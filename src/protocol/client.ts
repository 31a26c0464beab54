import { AnnexError } from '../domain/errors.js';
import { type Key, keySize } from '../domain/key.js';
import { type ByteString, toText } from '../lib/bytes.js';
import { type Message, newestVersion, parseMessage } from './message.js';
import { type Outcome, plainly } from './outcome.js';
import type { Wire } from './wire.js';

/**
 * The client's side of the protocol: what it writes and how it reads the answers. Asking and reading are apart, so that a
 * caller can write requests ahead; answers come in the order of the requests. After any error but `remote-refused`, the
 * connection can't be used any more.
 */
export interface ClientSession {
  readonly wire: Wire;
  /** The repository at the other end, as it says. */
  readonly uuid: ByteString;
  /** 0 to 4: what both sides speak. */
  readonly version: number;
}

export interface Greeting {
  /** How to authenticate, where the connection has not done so already. */
  readonly auth?: { readonly uuid: ByteString; readonly token: ByteString };
  /** The newest version to speak. */
  readonly newest?: number;
  /** Gateways that a cluster should not go through. */
  readonly bypass?: readonly ByteString[];
  /** A repository behind the one that answers, where the connection does not lead to it by itself. */
  readonly behind?: ByteString;
}

/** Starts a connection. The version is asked for without waiting for the server's first word. */
export async function greet(wire: Wire, greeting: Greeting = {}): Promise<ClientSession> {
  const { auth, bypass = [], behind } = greeting;
  const newest = greeting.newest ?? newestVersion;
  if (auth !== undefined) await wire.send({ name: 'AUTH', ...auth });
  if (newest > 0 && auth === undefined) await wire.send({ name: 'VERSION', version: newest });
  const welcome = await nextMessage(wire);
  if (welcome.name === 'ERROR') throw refusal(welcome.text);
  if (welcome.name === 'AUTH-FAILURE')
    throw new AnnexError('permission', 'the other side did not accept the authentication');
  if (welcome.name !== 'AUTH-SUCCESS') throw unexpected(welcome);
  if (newest > 0 && auth !== undefined) await wire.send({ name: 'VERSION', version: newest });
  const version = newest > 0 ? await readVersion(wire, newest) : 0;
  const session = { wire, uuid: behind ?? welcome.uuid, version };
  const refused = behind === undefined ? undefined : await askToLead(session);
  if (refused !== undefined)
    throw new AnnexError('remote-unavailable', `the other side leads nowhere else: ${refused}`);
  if (version >= 2 && bypass.length > 0) await wire.send({ name: 'BYPASS', uuids: bypass });
  return session;
}

/**
 * Asks to be led to the repository of the session, which git-annex does not know how to. Undefined when the other side does it,
 * otherwise why not.
 */
export async function askToLead({ wire, uuid }: ClientSession): Promise<string | undefined> {
  await wire.send({ name: 'X-PROXY', uuid });
  const message = await nextMessage(wire);
  if (message.name === 'AUTH-SUCCESS' && message.uuid === uuid) return undefined;
  if (message.name === 'ERROR') return toText(message.text);
  throw unexpected(message);
}

/** A server that knows no versions says that it does not know the command. */
async function readVersion(wire: Wire, newest: number): Promise<number> {
  const message = await nextMessage(wire);
  if (message.name === 'ERROR') return 0;
  if (message.name !== 'VERSION' || message.version > newest) throw unexpected(message);
  return message.version;
}

/** Reads the answer to CHECKPRESENT or LOCKCONTENT. */
export async function readYesOrNo({ wire }: ClientSession): Promise<boolean> {
  const message = await nextMessage(wire);
  if (message.name === 'SUCCESS') return true;
  if (message.name === 'FAILURE') return false;
  throw message.name === 'ERROR' ? refusal(message.text) : unexpected(message);
}

/** Reads the answer to REMOVE and REMOVE-BEFORE, and the last one to PUT. */
export async function readOutcome(session: ClientSession): Promise<Outcome> {
  const message = await nextMessage(session.wire);
  switch (message.name) {
    case 'SUCCESS':
    case 'FAILURE':
      return plainly(message.name === 'SUCCESS');
    case 'SUCCESS-PLUS':
    case 'FAILURE-PLUS':
      if (session.version >= 2) return { success: message.name === 'SUCCESS-PLUS', also: message.uuids };
      throw unexpected(message);
    case 'ERROR':
      throw refusal(message.text);
    default:
      throw unexpected(message);
  }
}

/** Asks for the server's monotonic clock, in whole seconds. From version 3 on. */
export async function askTimestamp({ wire }: ClientSession): Promise<number> {
  await wire.send({ name: 'GETTIMESTAMP' });
  const message = await nextMessage(wire);
  if (message.name === 'TIMESTAMP') return message.time;
  throw message.name === 'ERROR' ? refusal(message.text) : unexpected(message);
}

/** Where received content goes. */
export interface ContentSink {
  readonly key: Key;
  /** The byte that was asked for as the first. */
  readonly offset: number;
  /** The bytes are the sink's from then on. */
  write(bytes: Uint8Array): Promise<void> | undefined;
}

/** How the answer to GET ended. */
export interface ContentEnd {
  /** Bytes that the server announced. */
  readonly length: number;
  /**
   * Whether the server says that they are the key's content; undefined: version 0, which can't tell. A server that does not
   * have the content sends nothing, and calls it invalid.
   */
  readonly valid: boolean | undefined;
  /** What the sink threw. The connection goes on. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** How much of a content that has no taker any more is still read, to keep the connection. */
const WORTH_READING = 1 << 20;

/** Reads how many bytes come in answer to GET; then they come, and from version 1 on whether they are valid. */
export async function readDataLength({ wire }: Pick<ClientSession, 'wire'>): Promise<number> {
  const message = await nextMessage(wire);
  if (message.name === 'DATA') return message.length;
  throw message.name === 'ERROR' ? refusal(message.text) : unexpected(message);
}

/** Reads the answer to GET into a sink. Throws what the sink throws, when too much is left to come. */
export async function readContent({ wire, version }: ClientSession, sink: ContentSink): Promise<ContentEnd> {
  const length = await readDataLength({ wire });
  const size = keySize(sink.key);
  if (size !== undefined && sink.offset + length > size && length > 0)
    throw new AnnexError('protocol', 'the other side sends more than the key stands for');
  const failure = length === 0 ? undefined : await pour(wire.data(length), length, sink);
  const valid = version >= 1 ? await readValidity(wire) : undefined;
  return { length, valid, failure };
}

async function pour(
  data: AsyncIterable<Uint8Array>,
  length: number,
  sink: ContentSink,
): Promise<{ readonly error: unknown } | undefined> {
  let left = length;
  let failure: { error: unknown } | undefined;
  for await (const piece of data) {
    left -= piece.length;
    if (failure !== undefined) continue;
    try {
      const written = sink.write(piece);
      if (written !== undefined) await written;
    } catch (error) {
      if (left > WORTH_READING) throw error;
      failure = { error };
    }
  }
  return failure;
}

/** Reads whether the bytes before were all of the key's content. */
export async function readValidity(wire: Wire): Promise<boolean> {
  const message = await nextMessage(wire);
  if (message.name !== 'VALID' && message.name !== 'INVALID') throw unexpected(message);
  return message.name === 'VALID';
}

/** What a server says to PUT: from which byte on it wants the content, or that it has it (`also`: so do these), or no. */
export type PutAnswer =
  | { readonly kind: 'wanted'; readonly offset: number }
  | { readonly kind: 'there'; readonly also: readonly ByteString[] }
  | { readonly kind: 'refused' };

/** Reads the first answer to PUT. */
export async function readPutAnswer({ wire, version }: ClientSession): Promise<PutAnswer> {
  const message = await nextMessage(wire);
  switch (message.name) {
    case 'PUT-FROM':
      return { kind: 'wanted', offset: message.offset };
    case 'ALREADY-HAVE':
      return { kind: 'there', also: [] };
    case 'ALREADY-HAVE-PLUS':
      if (version >= 2) return { kind: 'there', also: message.uuids };
      throw unexpected(message);
    case 'FAILURE':
    case 'FAILURE-PLUS':
      return { kind: 'refused' };
    case 'ERROR':
      throw refusal(message.text);
    default:
      throw unexpected(message);
  }
}

/** Content to send. */
export interface ContentSource {
  /** Bytes. */
  readonly size: number;
  pieces(offset: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Takes the memory of a piece back once nobody reads it any more; may be left out. */
  recycle?(piece: Uint8Array): void;
  /** Whether it is still the key's content after the last piece. */
  unchanged(): Promise<boolean>;
}

/**
 * Sends content from the byte that `PUT-FROM` asked for. Gives whether it was the key's until the end; version 0 can't tell
 * the server that it was not, so there the connection ends.
 */
export async function sendContent(
  { wire, version }: ClientSession,
  source: ContentSource,
  offset: number,
  onBytes?: (bytes: number) => Promise<void> | undefined,
): Promise<boolean> {
  const length = Math.max(0, source.size - offset);
  let left = length;
  await wire.send({ name: 'DATA', length });
  for await (const piece of source.pieces(offset)) {
    if (piece.length > left) break;
    left -= piece.length;
    await wire.sendData(piece, source.recycle);
    const noted = onBytes?.(source.size - left);
    if (noted !== undefined) await noted;
  }
  // Only closing the connection can tell that.
  if (left > 0)
    throw new AnnexError('content-modified', 'the content became shorter while it was being sent');
  const unchanged = offset <= source.size && (await source.unchanged());
  if (version >= 1) await wire.send({ name: unchanged ? 'VALID' : 'INVALID' });
  else if (!unchanged)
    throw new AnnexError('content-modified', 'the content was modified while it was being sent');
  return unchanged;
}

/** The next message. Throws `connection-lost` at the end of the connection, `protocol` for what is no message. */
export async function nextMessage(wire: Wire): Promise<Message> {
  const line = await wire.line();
  if (line === undefined) throw new AnnexError('connection-lost', 'the connection was closed');
  const message = parseMessage(line);
  if (message !== undefined) return message;
  throw new AnnexError('protocol', 'the other side sent something that is not of the protocol');
}

/** For an answer that does not fit the request. */
export function unexpected({ name }: Message): AnnexError {
  return new AnnexError('protocol', `the other side answered ${name}, which does not fit the request`);
}

/** Characters of a server's sentence that are shown. */
const LONGEST_SENTENCE = 300;

/** What the server says, in its own words. */
export function refusal(text: ByteString): AnnexError {
  const sentence = toText(text.slice(0, LONGEST_SENTENCE) as ByteString).replaceAll(/\p{Cc}/gu, ' ');
  return new AnnexError('remote-refused', `the remote refused: ${sentence}`);
}
