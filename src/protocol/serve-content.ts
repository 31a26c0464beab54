import { AnnexError } from '../domain/errors.js';
import type { Key } from '../domain/key.js';
import type { ByteString } from '../lib/bytes.js';
import { arrivalAt } from './arrival.js';
import { parseMessage } from './message.js';
import type { OpenContent, Reception } from './served-content.js';
import { complain, READ_ONLY, report, type Session } from './session.js';
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
  if (line === undefined) return false;
  const name = parseMessage(line)?.name;
  const results = ['SUCCESS', ...(session.version >= 2 ? ['SUCCESS-PLUS'] : []), 'FAILURE'];
  if (session.version >= 2) results.push('FAILURE-PLUS');
  if (name !== 'ERROR' && !results.some((result) => result === name))
    await complain(session, `expected ${results.join(' or ')}`);
  return true;
}

/** Throws when there are fewer bytes than were promised: only closing the connection can tell that. */
async function sendAll(wire: Wire, open: OpenContent): Promise<boolean> {
  let left = open.length;
  for await (const piece of open.pieces()) {
    const promised = piece.subarray(0, left);
    left -= promised.length;
    await wire.sendData(promised, open.recycle);
    if (left === 0) break;
  }
  if (left > 0) throw new AnnexError('content-modified', 'content ended before all of it was sent');
  return open.unchanged();
}

/** Takes content from the client. False when the connection is over. */
export async function put(session: Session, key: Key, file: ByteString): Promise<boolean> {
  const { access, content, wire, version } = session;
  if (access === 'read') {
    await wire.send({ name: 'ERROR', text: READ_ONLY });
    return true;
  }
  const answer = await content.receive(key, file);
  if (answer.kind === 'wanted') return receive(session, key, answer.reception);
  if (answer.kind === 'refused') await wire.send({ name: 'FAILURE' });
  else if (version < 2 || answer.also.length === 0) await wire.send({ name: 'ALREADY-HAVE' });
  else await wire.send({ name: 'ALREADY-HAVE-PLUS', uuids: answer.also });
  return true;
}

/** After `PUT-FROM` the client sends the content, or says that it got here in another way. */
async function receive(session: Session, key: Key, reception: Reception): Promise<boolean> {
  const { wire, content, version } = session;
  let left = false;
  const leave = async () => {
    if (!left) await reception.leave();
    left = true;
  };
  try {
    await wire.send({ name: 'PUT-FROM', offset: reception.offset });
    const line = await wire.line();
    const message = line === undefined ? undefined : parseMessage(line);
    if (message?.name === 'DATA') {
      session.streaming = true;
      await reception.begin?.(message.length);
      for await (const piece of wire.data(message.length)) await reception.write(piece);
      session.streaming = false;
      const confirmed = version < 1 || (await saysValid(session));
      left = true;
      await report(session, await reception.finish(confirmed));
      return true;
    }
    await leave();
    if (message?.name === 'DATA-PRESENT' && version >= 4)
      await report(session, await arrivalAt(content, key));
    else if (line !== undefined && message?.name !== 'ERROR') await complain(session, 'expected DATA');
    return line !== undefined;
  } finally {
    await leave();
  }
}

/** Whether the client says that the content did not change while it was sent. */
async function saysValid(session: Session): Promise<boolean> {
  const line = await session.wire.line();
  const name = line === undefined ? undefined : parseMessage(line)?.name;
  if (line !== undefined && name !== 'VALID' && name !== 'INVALID')
    await complain(session, 'expected VALID or INVALID');
  return name === 'VALID';
}
