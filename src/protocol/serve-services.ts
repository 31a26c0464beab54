import { parseMessage, type Service } from './message.js';
import type { ServiceProcess } from './served-services.js';
import { complain, READ_ONLY, type Session } from './session.js';
import type { Wire } from './wire.js';

/**
 * Turns the connection over to a service of git, whose own protocol travels in DATA messages of both sides. It is over when
 * the service has ended; without a service it goes on. False when it is over.
 */
export async function connect(session: Session, service: Service): Promise<boolean> {
  const { wire, access } = session;
  if (service === 'git-receive-pack' && access !== 'all') {
    await complain(session, READ_ONLY);
    return true;
  }
  const started = await session.services?.connect(service);
  if (started === undefined) {
    await complain(session, 'relaying to git not supported on this connection');
    return true;
  }
  feed(wire, started).catch(() => started.close());
  try {
    for await (const piece of started.output()) {
      await wire.send({ name: 'DATA', length: piece.length });
      await wire.sendData(piece);
    }
    await wire.send({ name: 'CONNECTDONE', exitCode: await started.exitCode() });
  } finally {
    started.close();
  }
  return false;
}

/** What the client sends goes to the service, until the connection ends or carries something else. */
async function feed(wire: Wire, started: ServiceProcess): Promise<void> {
  for (;;) {
    const line = await wire.line();
    const message = line === undefined ? undefined : parseMessage(line);
    if (message?.name !== 'DATA') break;
    for await (const piece of wire.data(message.length)) await started.write(piece);
  }
  started.end();
}

/**
 * Waits until a ref changes. Meanwhile the next request may come, which has to wait, or the connection may end: false then.
 */
export async function notify(session: Session): Promise<boolean> {
  const { wire } = session;
  session.watch ??= session.services?.watchRefs();
  if (session.watch === undefined) {
    await complain(session, 'change notification not available');
    return true;
  }
  const gone = new Promise<undefined>((resolve, reject) => {
    wire.peek().then((line) => line === undefined && resolve(undefined), reject);
  });
  const refs = await Promise.race([session.watch.next(), gone]);
  if (refs === undefined) return false;
  await wire.send({ name: 'CHANGED', refs });
  return true;
}
