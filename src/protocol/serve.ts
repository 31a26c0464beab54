import { AnnexError } from '../domain/errors.js';
import type { Key } from '../domain/key.js';
import { ascii, type ByteString } from '../lib/bytes.js';
import { type Message, newestVersion, parseMessage } from './message.js';
import { createPeekingWire } from './peeking-wire.js';
import { get, put } from './serve-content.js';
import { connect, notify } from './serve-services.js';
import type { ServedContent } from './served-content.js';
import type { ServedServices } from './served-services.js';
import { type Access, APPEND_ONLY, complain, READ_ONLY, report, type Session, succeed } from './session.js';
import type { Wire } from './wire.js';

/**
 * Answers one client until it ends the connection or sends an error. The client is authenticated already. Throws what the
 * wire throws, and what goes wrong while content is on its way: then the connection cannot be used any more.
 */
export async function serve(
  wire: Wire,
  content: ServedContent,
  access: Access,
  services?: ServedServices,
): Promise<void> {
  const session: Session = {
    wire: createPeekingWire(wire),
    content,
    services,
    access,
    version: 0,
    streaming: false,
    watch: undefined,
  };
  try {
    await wire.send({ name: 'AUTH-SUCCESS', uuid: content.uuid });
    while (await answerNext(session));
  } finally {
    session.watch?.close();
  }
}

/** False when the connection is over. */
async function answerNext(session: Session): Promise<boolean> {
  const line = await session.wire.line();
  if (line === undefined) return false;
  const message = parseMessage(line);
  if (message === undefined) {
    await complain(session, 'unknown command');
    return true;
  }
  return message.name !== 'ERROR' && answerOrComplain(session, message);
}

async function answerOrComplain(session: Session, message: Message): Promise<boolean> {
  try {
    return await answer(session, message);
  } catch (error) {
    const told = error instanceof AnnexError && error.code !== 'connection-lost' && !session.streaming;
    if (!told) throw error;
    await complain(session, error.message);
    return true;
  }
}

/** False when the connection is over. */
async function answer(session: Session, message: Message): Promise<boolean> {
  const { wire, content } = session;
  switch (message.name) {
    case 'VERSION':
      session.version = Math.min(message.version, newestVersion);
      await wire.send({ name: 'VERSION', version: session.version });
      return true;
    case 'BYPASS':
      // Only a gateway has somebody to pass by.
      content.bypass?.(message.uuids);
      return true;
    case 'X-PROXY':
      return leadOn(session, message.uuid);
    case 'CHECKPRESENT':
      await succeed(session, await content.present(message.key));
      return true;
    case 'LOCKCONTENT':
      return lock(session, message.key);
    case 'GETTIMESTAMP':
      await wire.send({ name: 'TIMESTAMP', time: content.now() });
      return true;
    case 'REMOVE':
      await remove(session, message.key, undefined);
      return true;
    case 'REMOVE-BEFORE':
      await remove(session, message.key, message.time);
      return true;
    case 'GET':
      return get(session, message.key, message.offset, message.file);
    case 'PUT':
      return put(session, message.key, message.file);
    case 'CONNECT':
      return connect(session, message.service);
    case 'NOTIFYCHANGE':
      return notify(session);
    default:
      await complain(session, 'unexpected command');
      return true;
  }
}

async function leadOn(session: Session, uuid: ByteString): Promise<boolean> {
  const { services, wire } = session;
  const behind = await services?.behind?.(uuid);
  if (behind === undefined) {
    await complain(session, services?.behind ? 'this repository does not lead there' : 'unknown command');
    return true;
  }
  session.content = behind;
  await wire.send({ name: 'AUTH-SUCCESS', uuid: behind.uuid });
  return true;
}

async function lock({ wire, content }: Session, key: Key): Promise<boolean> {
  const held = await content.lock(key);
  if (held === undefined) {
    await wire.send({ name: 'FAILURE' });
    return true;
  }
  let line: ByteString | undefined;
  try {
    await wire.send({ name: 'SUCCESS' });
    line = await wire.line();
  } catch (error) {
    await held.abandon();
    throw error;
  }
  if (line === undefined) {
    await held.abandon();
    return false;
  }
  await held.release();
  if (parseMessage(line)?.name !== 'UNLOCKCONTENT')
    await wire.send({ name: 'ERROR', text: ascii('expected UNLOCKCONTENT') });
  return true;
}

async function remove(session: Session, key: Key, before: number | undefined): Promise<void> {
  const { access, content, wire } = session;
  if (access === 'read') await wire.send({ name: 'ERROR', text: READ_ONLY });
  else if (access === 'append') await wire.send({ name: 'ERROR', text: APPEND_ONLY });
  else await report(session, await content.remove(key, before));
}
