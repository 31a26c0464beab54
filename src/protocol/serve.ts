import { AnnexError } from '../domain/errors.js';
import type { Key } from '../domain/key.js';
import { ascii, type ByteString, fromText } from '../lib/bytes.js';
import { type Message, parseMessage } from './message.js';
import type { OpenContent, Reception, ServedContent } from './served-content.js';
import type { Wire } from './wire.js';

/** What a client may do besides reading. */
export type Access = 'read' | 'append' | 'all';

/** The newest version of the protocol that is spoken here. */
export const newestVersion = 4;

const READ_ONLY = ascii('this repository is read-only; write access denied');
const APPEND_ONLY = ascii('this repository is append-only; removal denied');

interface Session {
  readonly wire: Wire;
  readonly content: ServedContent;
  readonly access: Access;
  version: number;
  /** Raw data is on its way: an error can only be told by closing the connection. */
  streaming: boolean;
}

/**
 * Answers one client until it ends the connection or sends an error. The client is authenticated already. Throws what the
 * wire throws, and what goes wrong while content is on its way: then the connection cannot be used any more.
 */
export async function serve(wire: Wire, content: ServedContent, access: Access): Promise<void> {
  const session: Session = { wire, content, access, version: 0, streaming: false };
  await wire.send({ name: 'AUTH-SUCCESS', uuid: content.uuid });
  for (;;) {
    const line = await wire.line();
    if (line === undefined) return;
    const message = parseMessage(line);
    if (message === undefined) await complain(session, 'unknown command');
    else if (message.name === 'ERROR') return;
    else if (!(await answerOrComplain(session, message))) return;
  }
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
      // Only a cluster has somebody to pass by.
      return true;
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
    default:
      await complain(session, 'unexpected command');
      return true;
  }
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
  else await succeed(session, await content.remove(key, before));
}

async function get(session: Session, key: Key, offset: number, file: ByteString): Promise<boolean> {
  const { wire, content, version } = session;
  const open = await content.open(key, offset, file);
  let result: ByteString | undefined;
  try {
    session.streaming = true;
    await wire.send({ name: 'DATA', length: open?.length ?? 0 });
    const whole = open !== undefined && (await sendAll(wire, open));
    session.streaming = false;
    if (version >= 1) await wire.send({ name: whole ? 'VALID' : 'INVALID' });
    result = await wire.line();
    return await checkResult(session, result);
  } finally {
    const name = result === undefined ? undefined : parseMessage(result)?.name;
    await open?.close(name === 'SUCCESS' ? true : name === 'FAILURE' ? false : undefined);
  }
}

/** The client has to say what it made of the content. */
async function checkResult(session: Session, line: ByteString | undefined): Promise<boolean> {
  const name = line === undefined ? 'ERROR' : parseMessage(line)?.name;
  if (name === 'ERROR') return false;
  const results = ['SUCCESS', ...(session.version >= 2 ? ['SUCCESS-PLUS'] : []), 'FAILURE'];
  if (session.version >= 2) results.push('FAILURE-PLUS');
  if (!results.some((result) => result === name)) await complain(session, `expected ${results.join(' or ')}`);
  return true;
}

/** Throws when there are fewer bytes than were promised: only closing the connection can tell that. */
async function sendAll(wire: Wire, open: OpenContent): Promise<boolean> {
  let left = open.length;
  for await (const piece of open.pieces()) {
    if (piece.length > left) break;
    left -= piece.length;
    await wire.sendData(piece);
  }
  if (left > 0) throw new Error('content ended before all of it was sent');
  return open.unchanged();
}

async function put(session: Session, key: Key, file: ByteString): Promise<boolean> {
  const { access, content, wire } = session;
  if (access === 'read') {
    await wire.send({ name: 'ERROR', text: READ_ONLY });
    return true;
  }
  if (await content.present(key)) {
    await wire.send({ name: 'ALREADY-HAVE' });
    return true;
  }
  const reception = await content.receive(key, file);
  if (reception === undefined) {
    await wire.send({ name: 'FAILURE' });
    return true;
  }
  return receive(session, key, reception);
}

/** After `PUT-FROM` the client sends the content, or says that it got here in another way. */
async function receive(session: Session, key: Key, reception: Reception): Promise<boolean> {
  const { wire, content, version } = session;
  let settled = false;
  const settle = async <T>(way: Promise<T>): Promise<T> => {
    settled = true;
    return way;
  };
  try {
    await wire.send({ name: 'PUT-FROM', offset: reception.offset });
    const line = await wire.line();
    const message = line === undefined ? undefined : parseMessage(line);
    if (message?.name === 'DATA') {
      session.streaming = true;
      for await (const piece of wire.data(message.length)) await reception.write(piece);
      session.streaming = false;
      const valid = version < 1 || (await saysValid(wire));
      const kept = valid ? await settle(reception.finish()) : await settle(reception.discard());
      await succeed(session, kept === true);
      return true;
    }
    await settle(reception.leave());
    if (message?.name === 'DATA-PRESENT' && version >= 4) {
      await succeed(session, await content.present(key));
      return true;
    }
    if (message !== undefined && message.name !== 'ERROR') await complain(session, 'expected DATA');
    return message !== undefined && message.name !== 'ERROR';
  } finally {
    if (!settled) await reception.leave();
  }
}

async function saysValid(wire: Wire): Promise<boolean> {
  const line = await wire.line();
  return line !== undefined && parseMessage(line)?.name === 'VALID';
}

async function succeed({ wire }: Session, success: boolean): Promise<void> {
  await wire.send({ name: success ? 'SUCCESS' : 'FAILURE' });
}

async function complain({ wire }: Session, text: string): Promise<void> {
  await wire.send({ name: 'ERROR', text: fromText(text) });
}
