import type { Key } from '../domain/key.js';
import type { ByteString } from '../lib/bytes.js';
import { parseMessage } from './message.js';
import type { OpenContent, Reception } from './served-content.js';
import { complain, READ_ONLY, type Session, succeed } from './session.js';
import type { Wire } from './wire.js';

/** Sends content from an offset on. False when the connection is over. */
export async function get(session: Session, key: Key, offset: number, file: ByteString): Promise<boolean> {
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

/** Takes content from the client. False when the connection is over. */
export async function put(session: Session, key: Key, file: ByteString): Promise<boolean> {
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
